# The harness itself: a fault in nginx must fail a test that does not expect
# it.  Each case runs as a test of its own, whose verdict is looked at.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $head = <<'END';
use strict;
use warnings;
use Test::More;
use RecsNginx;

my $t = RecsNginx->new;
$t->conf(<<'CONF', workers => 2);
http {
    %%HTTP%%
    server { listen 127.0.0.1:%%PORT%%; location / { return 200 "here"; } }
}
CONF
$t->start;
END


# The verdict of a test whose body is this: (exit status, what it printed)
sub verdict {
    my ($name, $body) = @_;

    my $file = $t->write("$name.t", "$head$body\n");

    return $t->run($^X, "-I$FindBin::Bin/lib", $file);
}


sub passes {
    my ($name, $body, $what) = @_;

    my ($status, $output) = verdict($name, $body);
    is($status, 0, $what) or diag($output);
}


sub fails {
    my ($name, $body, $pattern, $what) = @_;

    my ($status, $output) = verdict($name, $body);
    isnt($status, 0, $what) or diag($output);
    like($output, $pattern, "$what: says why");
}


passes('quiet', '$t->done;', 'a quiet nginx passes');

passes('requests', <<'END', 'requests of every kind');
my $r = $t->get('/');
is($r->{status}, 200);
is($r->{body}, 'here');
is($t->head('/')->{headers}{'content-length'}, 4);
is($t->get('/', ':version' => '1.0')->{body}, 'here');
like($t->raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n"
             . "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
     qr/here.*here/s, 'two on one connection');
$t->done;
END

passes('processes', <<'END', 'reload and respawn');
my %old = map { $_ => 1 } $t->workers;
is(scalar(keys %old), 2);
$t->reload;
is(scalar(grep { $old{$_} } $t->workers(old => 1)), 0);
my ($pid) = $t->workers;
isnt($t->kill_worker($pid), $pid);
$t->wait_for('two workers', sub { $t->workers == 2 });
is($t->get('/')->{body}, 'here');
$t->done;
END

fails('alert', <<'END', qr/exited on signal 9/, 'an [alert] fails');
my ($pid) = $t->workers;
kill 'KILL', $pid;
$t->wait_for('the alert', sub { $t->log =~ /exited on signal/ });
$t->done;
END

for my $line ('[crit] 1#1: boom', '[emerg] 1#1: boom',
              '==1==ERROR: AddressSanitizer: heap-use-after-free',
              'x.c:1:2: runtime error: index out of bounds')
{
    my ($name) = $line =~ /(\w+)/;
    $name .= length $line;

    fails($name, <<"END", qr/\Q$line\E/, "\"$line\" fails");
open my \$log, '>>', \$t->path('logs/error.log') or die;
print {\$log} "$line\\n";
close \$log;
\$t->done;
END
}

passes('expected', <<'END', 'an expected [alert] passes');
my ($pid) = $t->workers;
$t->expect(qr/worker process $pid exited on signal 9/);
kill 'KILL', $pid;
$t->wait_for('the alert', sub { $t->log =~ /exited on signal/ });
$t->done;
END

fails('refused', <<'END', qr/did not start/, 'a bad configuration fails');
$t->stop;
$t->conf('http { nonsense; }');
$t->start;
END

# A test that ends by itself, or by a fault of its own, leaves nothing behind;
# a sub that uses $t keeps it to the very end.
my %ends = (
    dies  => 'die "boom\n";',
    exits => 'exit 3;',
    busy  => 'my $held = $t->socket; print {$held} "GET / HTTP/1.1\r\n";'
             . ' die "boom\n";',
);

for my $name (sort keys %ends) {
    my ($status, $output) = verdict($name, <<'END' . $ends{$name});
sub processes { return ($t->master, $t->workers) }
print join(' ', 'processes', processes()), "\n";
END
    my @pids = $output =~ /^processes (.*)$/m ? split(' ', $1) : ();

    isnt($status, 0, "a test that $name fails");
    is(scalar @pids, 3, 'when nginx has been started');
    is(join(' ', grep { $t->alive($_) } @pids), '', 'and leaves no process');

    kill 'KILL', @pids;
}


# --- ports are the test's own ------------------------------------------------

my %ports;
my @others = map { RecsNginx->new } 1 .. 20;
my $n = 0;

for my $other ($t, @others) {
    for my $name (qw(a b c)) {
        $ports{$other->port($name)}++;
        $n++;
    }
}

is(scalar(keys %ports), $n, "$n ports, all different");
is($t->port('a'), $t->port('a'), 'the same for a name');

done_testing();
