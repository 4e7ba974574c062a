# recs_collect under load: none of many events is lost, and a thousand clients
# that send a byte at a time cost what they have sent.
#
# Runs alone: it is a load.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $N_EVENTS = 20_000;
my $N_SLOW = 1000;
my $N_PROCESSES = 10;
my $BYTES = 20;

my $t = RecsNginx->new;
my $load = ($ENV{RECS_BUILD} // 'build') . '/bench/bench_load';

plan skip_all => 'the benches are not built' unless -x $load;


sub configure {
    my ($workers) = @_;

    $t->conf(<<'END', workers => $workers,
http {
    %%HTTP%%
    keepalive_requests 1000000;
    recs_user $cookie_uid;
    recs_event_log %%DIR%%/events flush=50ms;

    server {
        listen 127.0.0.1:%%PORT%%;
        client_body_timeout 60s;
        location = /event { recs_collect; }
        location = /status { recs_status; }
    }
}
END
             globals => 'worker_rlimit_nofile 4096;');

    my $conf = $t->read('nginx.conf');
    $conf =~ s/worker_connections \d+/worker_connections 2048/;
    $t->write('nginx.conf', $conf);
}


sub counted { return $t->json('/status')->{json}{events}{$_[0]} }


# --- many ------------------------------------------------------------------------

configure(2);
$t->start;
$t->write('users', join '', map { "u$_\n" } 1 .. 100);

my ($status, $output) = $t->run($load, '-u', $t->path('users'), '-n', $N_EVENTS,
    '-b', '{"event":"click","item":"i##########","id":"e-##########"}',
    $t->port, '/event');
is($status, 0, "$N_EVENTS events are sent, each is answered 204")
    or diag($output);
is(counted('collected'), $N_EVENTS, 'all are taken');

$t->wait_for('all are written', sub { counted('written') == $N_EVENTS });
is(counted('dropped'), 0, 'none is dropped');

my @records = map { eval { decode_json($_) } // () }
              map { split /\n/, $t->read("events.$_") } 0, 1;
is(scalar @records, $N_EVENTS, 'every line is a record');

my %items = map { $_->{item} => 1 } @records;
is(scalar keys %items, $N_EVENTS, 'each event is there');
my %users = map { $_->{user} => 1 } @records;
is(scalar keys %users, 100, 'and who it was');

for my $worker (0, 1) {
    my @seqs = sort { $a <=> $b }
               map { $_->{worker} == $worker ? $_->{seq} : () } @records;
    is(scalar(grep { $seqs[$_] != $_ } 0 .. $#seqs), 0,
       "worker $worker: no number is missing");
}

$t->stop;


# --- slow -----------------------------------------------------------------------

sub rss {
    my ($pid) = @_;

    return $t->read("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 * 1024 : 0;
}


# A process with its share of the clients; tells when each has sent its bytes,
# and holds them until it is told to let go.
sub slow_clients {
    my ($n, $port) = @_;

    pipe(my $told, my $tell) or die "pipe: $!";
    pipe(my $wait, my $go) or die "pipe: $!";

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        close $go;
        my @sockets;

        for my $i (1 .. $n) {
            my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                               PeerPort => $port) or last;
            $socket->setsockopt(6, 1, 1);
            $socket->syswrite("POST /event HTTP/1.1\r\nHost: a\r\n"
                . ($i % 2 ? "Content-Length: 65536\r\n\r\n"
                          : "Transfer-Encoding: chunked\r\n\r\n"));
            push @sockets, $socket;
        }

        for my $byte (1 .. $BYTES) {
            for my $i (0 .. $#sockets) {
                $sockets[$i]->syswrite($i % 2 == 0 ? 'x' : "1\r\nx\r\n");
            }
        }

        syswrite $tell, scalar(@sockets) . "\n";
        sysread $wait, my $word, 1;
        require POSIX;
        POSIX::_exit(0);
    }

    close $tell;
    close $wait;

    return { pid => $pid, told => $told, go => $go };
}


SKIP: {
    skip 'a sanitizer has a memory of its own', 3
        if ($ENV{RECS_BUILD} // '') =~ /asan/;

    configure(1);
    $t->start;

    my ($worker) = $t->workers;
    $t->get('/status');
    my $before = rss($worker);
    my $port = $t->port;

    my @processes = map { slow_clients($N_SLOW / $N_PROCESSES, $port) }
                    1 .. $N_PROCESSES;
    my $n = 0;

    for my $process (@processes) {
        my $file = $process->{told};
        $n += <$file>;
    }

    is($n, $N_SLOW, "$N_SLOW clients, byte by byte");

    # What they have sent has been read when another one is answered.
    is($t->post('/event', ':body' => '{"event":"v","item":"i1"}')->{status},
       204, 'others are served meanwhile');

    my $grown = rss($worker) - $before;
    cmp_ok($grown, '<=', $N_SLOW * 16 * 1024,
           'no more than 16 KiB for each: a connection, a request, 8 KiB');
    diag(sprintf '%.1f KiB for each', $grown / $N_SLOW / 1024);

    close $_->{go} for @processes;
    waitpid $_->{pid}, 0 for @processes;
}

$t->done;
