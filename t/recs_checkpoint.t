# recs train --checkpoint: killed again and again, it ends with the bundle of a
# training that never was; and whose checkpoint it takes.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->recs('simulate', '-o', $t->path('shop'), '--users', 400, '--items', 150,
         '--seed', 3);
$t->recs('import', '--format', 'csv', '-o', $t->path('shop.data'),
         $t->path('shop/events.csv'));
$t->recs('import', '--format', 'csv', '-o', $t->path('other.data'),
         '--min-user', 9, $t->path('shop/events.csv'));

my $checkpoint = $t->path('checkpoint');
my $KILLS = 12;


sub command {
    my ($bundle, @more) = @_;

    return ($t->{recs}, 'train', '--data', $t->path('shop.data'), '-o',
            $t->path($bundle), '--quiet', '--threads', 2, @more);
}


# A bundle's bytes, but for when it was made and the seal over that.
sub bytes {
    my ($name) = @_;

    my $bytes = substr $t->read($name), 0, -4096;
    $bytes =~ s/created\0?[^\d]{0,8}\K\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?/now/g;

    return $bytes;
}


sub state_of { return join ' ', (stat $checkpoint)[1, 9] }


# Kills it once it has written the checkpoint anew.  Returns 1 if it was.
sub killed {
    my (@command) = @_;

    my $before = state_of();
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        exec @command or POSIX::_exit(127);
    }

    my $gone = 0;

    $t->wait_for('a write or the end', sub {
        $gone = waitpid($pid, POSIX::WNOHANG()) == $pid;
        return $gone || (-e $checkpoint && state_of() ne $before);
    });

    if (!$gone) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }

    return 1 if ($? & 127) == 9;

    die "it has failed: $?\n" if $? != 0;
    return 0;
}


# Of many more writes than kills: how many come before a kill is a matter of
# the machine.
for my $model (['ials', '--set', 'epochs=60', '--set', 'validation=0.2',
                '--set', 'patience=60'],
               ['blend', '--set', 'epochs=60'],
               ['bpr', '--set', 'epochs=20'],
               ['ials', '--set', 'epochs=60', '--rank', 'mlp,trees',
                '--rank-set', 'mlp.epochs=6', '--rank-set', 'trees.trees=5'])
{
    my ($name, @settings) = @$model;
    my @train = ('--model', $name, @settings);

    my ($status, $output) = $t->run(command("$name.mdb", @train));
    is($status, 0, "$name without a checkpoint") or diag($output);

    my @again = command("$name-again.mdb", @train, '--checkpoint', $checkpoint,
                        '--checkpoint-every', 0);
    my $kills = 0;

    $kills++ while $kills < $KILLS && killed(@again);

    cmp_ok($kills, '>', 0, "$name: killed $kills times");

    ($status, $output) = $t->run(@again);
    is($status, 0, 'at last it has ended well') or diag($output);
    ok(!-e $checkpoint, 'the checkpoint is gone');
    ok(bytes("$name-again.mdb") eq bytes("$name.mdb"),
       "$name: the same bundle, byte for byte");
}

# --- whose it is --------------------------------------------------------------

my @train = ('--model', 'ials', '--checkpoint', $checkpoint,
             '--checkpoint-every', 0, '--set', 'epochs=1000');

killed(command('x.mdb', @train)) or die 'it was not killed';

for my $other ([['--seed', 2], 'another seed'],
               [['--set', 'factors=9'], 'other parameters'],
               [['--threads', 1], 'another number of threads'],
               [['--model', 'blend'], 'another model'],
               [['--data', $t->path('other.data')], 'other data'])
{
    my ($options, $why) = @$other;

    my ($status, $output) = $t->run(command('x.mdb', @train, @$options));

    is($status, 3, "$why: refused");
    like($output, qr/checkpoint .* is of a training with $why: repeat that/,
         'it says so');
}

ok(-e $checkpoint, 'it is still there');
$t->write('checkpoint', 'x' x 300);

my ($status, $output) = $t->run(command('x.mdb', @train));
is($status, 1, 'what is no checkpoint is not taken');
like($output, qr/checkpoint .* is damaged, or none: remove it/, 'and why');

unlink $checkpoint;
($status, $output) = $t->run(command('x.mdb', '--model', 'popularity',
                                     '--checkpoint', $checkpoint));
is($status, 0, 'a model without epochs');
ok(!-e $checkpoint, 'leaves none');

($status, $output) = $t->run(command('x.mdb', '--model', 'ials',
                                     '--checkpoint', $t->path('no/folder')));
is($status, 1, 'one that cannot be written is found out at once');
like($output, qr{cannot create .*no/folder}, 'and why');

done_testing();
