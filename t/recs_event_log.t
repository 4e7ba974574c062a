# recs_event_log: every event is in the files or known to be missing, whatever
# happens to the worker, to the files and to the disk.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

mkdir $t->path('disk') or die;


sub configure {
    my (%options) = @_;

    my $log = $options{log} // 'flush=20ms buffer=4k';

    $t->conf(<<"END", workers => $options{workers} // 1);
http {
    %%HTTP%%

    server {
        listen 127.0.0.1:%%PORT%%;
        keepalive_requests 100000;

        location = /event {
            recs_collect;
            recs_event_log %%DIR%%/events $log;
        }

        location = /disk {
            recs_collect;
            recs_event_log %%DIR%%/disk/events flush=20ms buffer=4k;
        }

        location = /status { recs_status; }
    }
}
END
}


# n events over one connection, all taken; with another thing to do halfway.
my $n_sent = 0;

sub send_events {
    my ($n, $uri, $halfway) = @_;

    my $socket = $t->socket;
    my $answers = '';
    my ($sent, $done) = (0, 0);

    while ($done < $n) {
        my $batch = $n - $sent > 100 ? 100 : $n - $sent;

        $socket->syswrite(join '', map {
            "GET $uri?event=click&item=i" . ($n_sent + $_) . " HTTP/1.1\r\n"
            . "Host: a\r\n\r\n"
        } 1 .. $batch);

        $n_sent += $batch;
        $sent += $batch;

        while ($done < $sent) {
            $socket->sysread($answers, 65536, length $answers) or die 'closed';
            $done += () = $answers =~ /HTTP\/1.1 204/g;
            $answers = $answers =~ /(HTTP[^H]*)\z/ ? $1 : '';
            $answers =~ s/^HTTP\/1.1 204//;
        }

        $halfway->() if $halfway && $sent * 2 >= $n;
        $halfway = undef if $sent * 2 >= $n;
    }
}


# Every record of these files; all lines are whole and JSON.
sub records {
    my (@files) = @_;

    my $text = join '', map { $t->read($_) } grep { -e $t->path($_) } @files;
    my @lines = split /\n/, $text;
    my @records = grep { defined } map { eval { decode_json($_) } } @lines;

    is(scalar @records, scalar @lines, 'every line is a record');
    ok($text eq '' || $text =~ /\n\z/, 'and whole');

    return @records;
}


sub lines {
    my (@files) = @_;
    return scalar(() = join('', map { $t->read($_) } @files) =~ /\n/g);
}


sub counted { return $t->json('/status')->{json}{events}{$_[0]} }


# The numbers that are missing among the records of a worker.
sub missing {
    my (@records) = @_;

    my %seen = map { $_->{seq} => 1 } @records;
    my ($last) = sort { $b <=> $a } keys %seen;

    return grep { !$seen{$_} } 0 .. ($last // -1);
}


# --- rotated under load: none is lost -------------------------------------------

configure(workers => 2);
$t->start;

my @old;

for my $turn (1 .. 8) {
    send_events(1000, '/event', sub {
        for my $worker (0, 1) {
            rename $t->path("events.$worker"),
                   $t->path("old.$worker.$turn") or die;
            push @old, "old.$worker.$turn";
        }

        kill 'USR1', $t->master;
    });

    $t->wait_for('the new files', sub {
        -e $t->path('events.0') && -e $t->path('events.1')
    });
}

$t->wait_for('the last of them', sub {
    lines(@old, 'events.0', 'events.1') == 8000
});

my @records = records(@old, 'events.0', 'events.1');
my %ids = map { $_->{id} => 1 } @records;
is(scalar keys %ids, 8000, '8000 events, each once');

sub no_gaps {
    my (@records) = @_;

    for my $worker (0, 1) {
        my @its = grep { $_->{worker} == $worker } @records;
        is(scalar(missing(@its)), 0, "worker $worker: no gap");
    }
}

no_gaps(@records);

is(counted('written'), 8000, 'as counted');
is(counted('dropped'), 0, 'none is dropped');


# --- a reload under load ----------------------------------------------------------

my ($pid) = $t->workers;
my $n_answered = 8000;
kill 'HUP', $t->master;

# A worker that ends may close a connection that it has just accepted.
while ($t->alive($pid)) {
    $n_answered += 25 if eval { send_events(25, '/event'); 1 };
}

$t->reload;

@records = records(@old, 'events.0', 'events.1');
%ids = map { $_->{id} => 1 } @records;
is(scalar keys %ids, scalar @records, 'across a reload: each once');
cmp_ok(scalar @records, '>=', $n_answered, 'all that were answered');
cmp_ok($n_answered, '>', 8000, 'some were');
no_gaps(@records);


# --- killed -----------------------------------------------------------------------

configure(log => 'flush=1h buffer=4k');
$t->stop;
unlink $t->path('events.0') or die;
$t->start;

send_events(1000, '/event');
my $written = lines('events.0');
cmp_ok($written, '>', 900, 'most are written when the worker is killed');

my ($worker) = $t->workers;
$t->kill_worker($worker);
is(lines('events.0'), $written, 'the buffer is lost');

send_events(10, '/event');
$t->stop('QUIT');

@records = records('events.0');
is(scalar @records, $written + 10, 'a clean exit writes what there is');
is((sort { $a <=> $b } map { $_->{seq} } @records)[-1], 1009,
   'the next worker counts on');

my @missing = missing(@records);
is_deeply(\@missing, [$written .. 999], 'what is lost is what is missing');

my ($longest) = sort { $b <=> $a } map { length } split /\n/,
                $t->read('events.0');
cmp_ok(@missing * 100, '<=', 4096, 'and no more than a buffer');


# --- a full disk ------------------------------------------------------------------

SKIP: {
    my $disk = $t->path('disk');

    skip 'a full disk needs root and mount', 12
        if $> != 0
           || $t->run('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=0777',
                      'none', $disk);

    eval {
        configure();
        $t->start;
        $t->expect(qr/recs_event_log: write to/);

        my $accounted = sub {
            my ($n) = @_;
            $t->wait_for("$n events to be written or dropped", sub {
                counted('written') + counted('dropped') == $n;
            });
        };

        my $n = 0;

        for (1 .. 6) {
            send_events(300, '/disk');
            $n += 300;
            $accounted->($n);
        }

        cmp_ok(counted('dropped'), '>', 0, 'a full disk');

        my @kept = records('disk/events.0');
        is(scalar @kept, counted('written'), 'written is what is there');

        # The events at the end are missing until one comes behind them.
        rename $t->path('disk/events.0'), $t->path('kept.0')
            or do { $t->run('cp', $t->path('disk/events.0'),
                            $t->path('kept.0'));
                    unlink $t->path('disk/events.0') or die };
        kill 'USR1', $t->master;
        $t->wait_for('a new file', sub { -e $t->path('disk/events.0') });
        $t->wait_for('room, found by itself', sub {
            send_events(1, '/disk');
            $accounted->(++$n);
            lines('disk/events.0') > 0;
        });

        send_events(100, '/disk');
        $n += 100;
        $accounted->($n);

        my @all = records('kept.0', 'disk/events.0');
        is(scalar @all, counted('written'), 'written is what is there');
        is(scalar(missing(@all)), counted('dropped'),
           'dropped is what is missing');
        is(@all + missing(@all), $n, 'and no more was sent');
    };

    my $fault = $@;
    $t->stop;
    system 'umount', $disk;
    die $fault if $fault;
}

$t->done;
