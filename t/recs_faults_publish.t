# Publishing, killed at each of its calls and told that each has failed: what
# `current` names is the old generation or the new one, whole; what is left of
# the attempt is in nobody's way.
#
# RECS_LONG=1 hits every call; else of many only so many, evenly.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsFaults;
use RecsNginx;

plan skip_all => 'no faults.so' unless RecsFaults::available;

my $MOST = $ENV{RECS_LONG} ? 1e9 : 40;
my @SIZE = $ENV{RECS_LONG} ? (users => 4000, items => 5000, factors => 256) : ();

my $t = RecsNginx->new;
my $faults = RecsFaults->new($t);
my $recs = $t->{recs};
my %bundle = (old => $t->bundle('a', seed => 1),
              new => $t->bundle('b', seed => 2, @SIZE));
my $dir = $t->path('shop');


# The directory as it was before the attempt.
sub fresh {
    $t->run('rm', '-rf', $dir);
    $t->recs('publish', $bundle{old}, $dir);
}


# "old" or "new" where the directory names one of them, whole.
sub serves {
    my ($status) = $t->run($recs, 'verify', "$dir/current");
    return 'damaged' if $status != 0;

    my $bytes = $t->read("$dir/current");

    for my $which (keys %bundle) {
        return $which if $t->read($bundle{$which}) eq $bytes;
    }

    return 'neither';
}


# What one more publisher makes of it.
sub recovers {
    my ($status) = $t->run($recs, 'publish', $bundle{new}, $dir);
    return 'refused' if $status != 0;

    $t->run($recs, 'prune', $dir, '--keep', 1);
    opendir my $fh, $dir or return 'gone';
    my @left = grep { !/^\.\.?$/ } readdir $fh;

    return @left == 2 && serves() eq 'new' ? 'yes' : "@left";
}


my @publish = ($recs, 'publish', $bundle{new}, $dir);

fresh();
my ($n) = $faults->count(files => @publish);
is(serves(), 'new', "publishing takes $n calls");

my (%after_kill, %after_error, %recovered, %told);

for my $at (RecsFaults::points($n, $MOST)) {
    fresh();
    my $signal = $faults->kill(files => $at, @publish);
    my $serves = serves();
    $after_kill{$serves}++;
    $after_kill{"not killed at $at"}++ if $signal != 9;
    $recovered{recovers()}++;

    fresh();
    my ($status, $said) = $faults->hit(files => $at, @publish);
    $serves = serves();
    $after_error{$serves}++;

    # A failure is told in a line; one that does not matter is no failure.
    # The last call syncs the folder, when the new one is there already.
    $told{$status == 0 && $serves eq 'new' ? 'done'
          : $status == 256 && $said =~ /\Arecs publish: [^\n]+\n\z/
              && ($serves eq 'old' || $said =~ /cannot sync/) ? 'said why'
          : "at $at: $status, $serves, $said"}++;
    $recovered{recovers()}++;
}

is(join(' ', grep { !/^(?:old|new)$/ } keys %after_kill), '',
   'killed at any call, the old or the new generation is there, whole');
ok($after_kill{old} && $after_kill{new}, 'either was seen');
is(join(' ', grep { !/^(?:old|new)$/ } keys %after_error), '',
   'and where any call fails');
is(join("\n", grep { !/^(?:done|said why)$/ } keys %told), '',
   'a failure is told in one line, and only then is it the old one');
is(join("\n", keys %recovered), 'yes',
   'the next publisher is not in its way, and prune clears up');

note(join ' ', map { "$_: $after_kill{$_}" } keys %after_kill);
note(join ' ', map { "$_: $told{$_}" } keys %told);

$t->done;
