#!/usr/bin/perl

# recs report --policy: what another policy would have earned; and recs
# bandit: the arms of the next epoch.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP ();
use List::Util qw(sum);
use Test::More;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;

$recs = abs_path($recs);

my $data = abs_path($ENV{RECS_TEST_DATA} // '../shared/data');
my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die "$dir: $!";
END { chdir '/' }

srand 20261124;


sub spew {
    my ($file, @lines) = @_;

    open my $fh, '>', $file or die "$file: $!";
    print {$fh} @lines;
    close $fh or die "$file: $!";
}

sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}

# Exit status, stdout, stderr.
sub run {
    my @args = @_;

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', '.out' or die;
        open STDERR, '>', '.err' or die;
        exec $recs, @args;
    }

    waitpid $pid, 0;
    return ($? & 127 ? "signal " . ($? & 127) : $? >> 8, slurp('.out'),
            slurp('.err'));
}

sub json {
    my ($status, @args) = @_;

    my ($rc, $out, $err) = run(@args, '--json');

    is($rc, $status, "exit $status: @args") or diag($out, $err);
    return eval { JSON::PP::decode_json($out) } // {};
}


# What a slot of three items showed to 3,000 visitors: $logged is the truth,
# $told what the log says.  Clicks follow at once.
sub shown {
    my ($logged, $told) = @_;

    my @items = ('a', 'b', 'c d');
    my @clicks = (.05, .15, .3);
    my @lines;

    for my $user (1 .. 3000) {
        my $ts = 1750000000000 + 1000 * $user;
        my ($i, $u) = (0, rand);

        $u -= $logged->[$i++] while $i < 2 && $u >= $logged->[$i];

        push @lines, qq({"ts":$ts,"user":"$user","event":"exposure","slot":)
            . qq("top","items":[{"id":"$items[$i]","rank":1,"propensity":)
            . qq($told->[$i]}]}\n);
        push @lines, qq({"ts":@{[$ts + 1500]},"user":"$user",)
            . qq("event":"click","slot":"top","item":"$items[$i]","rank":1,"verified":true}\n)
            if rand() < $clicks[$i];
    }

    return @lines;
}

spew('events.log', shown([.6, .3, .1], [.6, .3, .1]));
spew('lying.log', shown([.6, .3, .1], [.3, .3, .4]));

my $r = json(0, qw(report events.log --policy uniform));
is_deeply([@$r{qw(rows units places items unseen)}], [3000, 3000, 1, 3, 0],
          'a visitor, a place');
is($r->{verdict}, 'better', 'the uniform policy is better');

for (qw(ips snips dr)) {
    ok($r->{$_}{lo} < .5 / 3 && .5 / 3 < $r->{$_}{hi}, "$_ holds the truth")
        or diag(explain $r->{$_});
}

spew('policy', "a\t1\t*\tother\nc d\t0.8\t1\ttop\nb\t0.2\t1\ttop\n");
$r = json(0, qw(report events.log --policy policy));
ok($r->{dr}{lo} < .27 && .27 < $r->{dr}{hi}, "a file's, too");

spew('policy', "a .5\ne .5\n");
$r = json(3, qw(report events.log --policy policy));
is($r->{unseen}, .5, 'half of it was never shown');
is($r->{verdict}, 'withheld', '... and it is refused');

my ($rc, $out, $err) = run(qw(report lying.log --policy uniform));
is($rc, 3, 'wrong propensities: exit 3');
like($out, qr/^policy uniform: withheld\n.*mean weight is more than 5/m,
     '... with the reason');
like($out, qr/^policy, by IPS +0\.\d+ /m, '... and the numbers');

$r = json(0, qw(report events.log --policy uniform --window 1s));
is($r->{log}{unexplained_clicks}, $r->{log}{clicks}, 'a window too short');
is($r->{verdict}, 'no difference seen yet', '... shows nothing');

($rc, $out, $err) = run(qw(report - --policy uniform));
is($rc, 1, 'no pipe');
like($err, qr/cannot be read twice/, '... and why');

spew('policy', "a .5\nb .4\n");
($rc, $out, $err) = run(qw(report events.log --policy policy));
is($rc, 1, 'a policy that does not sum to 1');
like($err, qr/sum to 0\.900000/, '... and what it does');

is((run(qw(report events.log --policy uniform --format x)))[0], 2, 'usage');

SKIP: {
    my $men = "$data/open-bandit/bts/men/men.csv";

    skip "no $men", 2 unless -r $men;

    $r = json(0, 'report', $men, qw(--policy uniform --format open-bandit));
    is(sprintf('%.5f %.5f %.5f %.0f %.1f %.4f', $r->{ips}{value},
               $r->{ips}{se}, $r->{snips}{value},
               $r->{effective_sample_size}, $r->{max_weight},
               $r->{mean_weight}{value}),
       '0.00301 0.00077 0.00319 656 178.3 0.9433', 'the Open Bandit men');
}


# Three arms, of which deep clicks twice as often.
sub arms {
    my ($clicks) = @_;

    my %rate = (control => .1, deep => .2, wide => .1);
    my @lines;

    for my $user (1 .. 1500) {
        my $ts = 1750000000000 + 1000 * $user;
        my $arm = (sort keys %rate)[$user % 3];

        push @lines, qq({"ts":$ts,"user":"$user","event":"exposure",)
            . qq("experiment":"home","variant":"$arm","propensity":0.3333}\n);
        push @lines, qq({"ts":@{[$ts + 500]},"user":"$user","event":"click"}\n)
            if $clicks && rand() < $rate{$arm};
    }

    return @lines;
}

# experiment, epoch, { arm => probability }
sub arms_file {
    my ($text) = @_;

    my %arms = $text =~ /^arm +(\S+) (\d\.\d{4})$/mg;

    return ($text =~ /^experiment (\S+)$/m, $text =~ /^epoch +(\S+)$/m,
            \%arms);
}

spew('bandit.log', arms(1));
spew('nothing.log', arms(0));

my @bandit = (qw(bandit --experiment home -o arms), 'bandit.log');

$r = json(0, @bandit);
my ($experiment, $epoch, $arms) = arms_file(slurp('arms'));
is($experiment, 'home', 'the experiment');
like($epoch, qr/^\d{4}-\d\d-\d\dT\d\d:00Z$/, 'the epoch is the hour');
is_deeply([sort keys %$arms], [qw(control deep wide)], 'the arms');
is(sprintf('%.9f', sum values %$arms), '1.000000000', '... sum to 1');
ok($arms->{deep} > .9, '... the best is drawn most');
like($arms->{control}, qr/^0\.01/, '... the others by the floor');
is(sum(map { $_->{units} } @{ $r->{arms} }), 1500, 'visitors');

my $before = slurp('arms');
($rc, $out) = run(@bandit, qw(--epoch next));
is($rc, 0, 'an epoch lasts an hour');
like($out, qr/left as it is: its epoch began 0 minutes ago/, '... so it says');
is(slurp('arms'), $before, '... and so it is');

utime time - 3601, time - 3601, 'arms';
my @nothing = @bandit;
$nothing[-1] = 'nothing.log';
$r = json(0, @nothing);
is($r->{written}, JSON::PP::false, 'no outcome: nothing is written');
is(slurp('arms'), $before, '... and the arms stay');

$nothing[-1] = 'events.log';
$r = json(0, @nothing);
like($r->{reason}, qr/exposure/, 'no exposure: neither');
is(slurp('arms'), $before, '... and the arms stay');

$r = json(0, @bandit, qw(--epoch next --floor 0.05 --arm new --seed 7));
($experiment, $epoch, $arms) = arms_file(slurp('arms'));
is($epoch, 'next', 'an hour later');
cmp_ok($arms->{control}, '>=', .05, '... with another floor');
ok(exists $arms->{new}, '... and an arm that nobody met');
is(sprintf('%.9f', sum values %$arms), '1.000000000', '... sums to 1');

$before = slurp('arms');
utime time - 3601, time - 3601, 'arms';
json(0, @bandit, qw(--epoch next --floor 0.05 --arm new --seed 7));
is(slurp('arms'), $before, 'the same seed, the same arms');

utime time - 3601, time - 3601, 'arms';
($rc, $out, $err) = run(@bandit, '--epoch', 'not this');
is($rc, 1, 'an epoch that nginx could not read');
is(slurp('arms'), $before, '... leaves the arms');

is((run(@bandit, qw(--floor 0.001)))[0], 2, 'a floor below .01');
is((run(@bandit, qw(--floor 0.5)))[0], 1, 'a floor above what is there');
is((run(qw(bandit bandit.log -o x)))[0], 2, 'no experiment');
is((run(qw(bandit bandit.log --experiment home)))[0], 2, 'no file');

done_testing();
