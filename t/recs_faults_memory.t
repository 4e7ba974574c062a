# Each allocation of a command fails in turn: it ends with 1 and says why in
# one line, or goes on without what it wanted; it never dies of a signal and
# leaves nothing behind.
#
# RECS_LONG=1 fails every one; else of many only so many, evenly.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsFaults;
use RecsNginx;

plan skip_all => 'no faults.so' unless RecsFaults::available;

my $MOST = $ENV{RECS_LONG} ? 1e9 : 25;

# A thread that cannot be had is told in the words of the system.
my $SCARCE = qr{memory|Resource temporarily unavailable};

my $t = RecsNginx->new;
my $faults = RecsFaults->new($t);
my $recs = $t->{recs};
my $bundle = $t->bundle('a', model => 'blend');
my $out = $t->path('out');

$t->write('rules', "pin home 1 i3\nboost * 0.2 where category = odd\n"
          . "block home i4 until 2099-01-01\n");
$t->write('test.csv', "user,item\nu1,i2\nu2,i9\n");


# Synced is what failed last, then.
sub whole {
    my ($path) = @_;

    return ($t->run($recs, 'verify', $path))[0] == 0;
}


sub sweep {
    my ($name, @command) = @_;

    my ($n, $right) = $faults->count(memory => @command);
    my $json = grep { $_ eq '--json' } @command;
    my (%wrong, $refused);

    for my $at (RecsFaults::points($n, $MOST)) {
        $t->run('rm', '-rf', $out, glob "$out.*");

        my ($status, $said, $printed) = $faults->hit(memory => $at, @command);
        my @left = glob "$out*";

        if ($status == 256) {
            $refused++;
            $wrong{"at $at: $said"} = 1
                unless $said =~ /\Arecs [^\n]*$SCARCE[^\n]*\n\z/;
            $wrong{"at $at: left @left"} = 1 if @left && !whole($out);

        } elsif ($status != 0) {
            $wrong{"at $at: wait status $status, $said"} = 1;

        } elsif ($json && $printed ne $right) {
            $wrong{"at $at: printed $printed"} = 1;
        }
    }

    is(join("\n", sort keys %wrong), '', "$name, $n allocations");
    ok($refused, "$name: some are needed");
}


sweep(verify => $recs, 'verify', $bundle);
sweep(inspect => $recs, 'inspect', $bundle, '--json');
sweep(recommend => $recs, 'recommend', $bundle, '--user', 'u1', '--json');
sweep(session => $recs, 'recommend', $bundle, '--items', 'i1,i2,i3');
sweep(rules => $recs, 'recommend', $bundle, '--user', 'u1', '--json',
      '--rules', $t->path('rules'), '--slot', 'home');
sweep('rules checked' => $recs, 'rules', $t->path('rules'), '--bundle',
      $bundle);
sweep(publish => $recs, 'publish', $bundle, $out);
sweep(import => $recs, 'import', '--format', 'csv', '--items',
      $t->path('a.items.csv'), '-o', $out, $t->path('a.events.csv'));
sweep(split => $recs, 'split', $t->path('a.data'), '--split', 'last=0.2',
      '-o', $out, '--test', "$out.csv");
sweep(evaluate => $recs, 'evaluate', '--bundle', $bundle, '--test',
      $t->path('test.csv'), '--json');
sweep(export => $recs, 'export', $bundle, '-o', $out);

for my $model (qw(popularity ials bpr knn userknn ease
                      blend)) {
    sweep("train $model" => $recs, 'train', '--model', $model, '--data',
          $t->path('a.data'), '-o', $out, '--quiet', '--threads', 2);
}

$t->done;
