#!/usr/bin/perl

# recs import, split, train, evaluate on MovieLens latest-small: the figures of
# docs/models.md come out, from any directory, and what is wrong is refused
# with one line, the right status and nothing left behind.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $recs = abs_path(($ENV{RECS_BUILD} // 'build') . '/recs');
my $data = abs_path(($ENV{RECS_TEST_DATA} // '../shared/data')
                    . '/ml-latest-small');

plan skip_all => 'recs is not built' unless defined $recs && -x $recs;
plan skip_all => 'no ml-latest-small in RECS_TEST_DATA or ../shared/data'
    unless defined $data && -d $data;

my $dir = tempdir(CLEANUP => 1);
chdir $dir or die "$dir: $!";


# Runs recs; returns its exit status, standard output, standard error.
sub recs {
    my (@args) = @_;

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', "$dir/stdout" or die;
        open STDERR, '>', "$dir/stderr" or die;
        exec $recs, @args or die "$recs: $!";
    }

    waitpid $pid, 0;
    my $rc = $?;

    my @out = map {
        open my $fh, '<', "$dir/$_" or die;
        local $/;
        <$fh> // '';
    } qw(stdout stderr);

    return ($rc & 127 ? "signal $rc" : $rc >> 8, @out);
}


sub evaluate {
    my ($rc, $out, $err) = recs('evaluate', '--json', @_);
    is($rc, 0, "evaluate @_") or diag($err);
    return eval { decode_json($out) } // {};
}


sub near {
    my ($got, $want, $by, $name) = @_;
    ok(defined $got && abs($got - $want) <= $by, $name)
        or diag("got " . ($got // 'nothing') . ", want $want +- $by");
}


sub refused {
    my ($status, $like, @args) = @_;
    my ($rc, $out, $err) = recs(@args);
    is($rc, $status, "status of @args");
    like($err, $like, '... says why');
    is($err =~ tr/\n//, 1, '... in one line');
    is($out, '', '... and nothing else');
}


for my $args (['import', '--format', 'movielens', '-o', 'd', $data],
              ['split', 'd', '--split', 'last=0.2', '-o', 'd1',
               '--test', 'f'])
{
    my ($rc, undef, $err) = recs(@$args);
    is($rc, 0, $args->[0]) or diag($err);
}

# popularity: no randomness at all

is((recs(qw(train --model popularity --data d1 -o bp)))[0], 0, 'popularity');
my $e = evaluate(qw(--bundle bp --test f));
near($e->{recall_at_20}, 0.0694, 0.0005, 'popularity: recall@20');
near($e->{ndcg_at_20}, 0.0925, 0.0005, 'popularity: ndcg@20');
is($e->{users}, 610, 'all users');
is($e->{test_interactions}, 20417, 'all test interactions');

# ials: the mean of four seeds

my ($recall, $ndcg) = (0, 0);

for my $seed (1 .. 4) {
    my ($rc, $out, $err) = recs(qw(train --model ials --data d1 -o b --json
                                   --set factors=128 --seed), $seed);
    is($rc, 0, "ials, seed $seed") or diag($err);
    is(decode_json($out)->{factors}, 128, '... its summary');

    $e = evaluate(qw(--bundle b --test f --at 20));
    $recall += $e->{recall_at_20} / 4;
    $ndcg += $e->{ndcg_at_20} / 4;
}

near($recall, 0.1248, 0.004, 'ials: recall@20');
near($ndcg, 0.1381, 0.004, 'ials: ndcg@20');

# the same split, made by evaluate itself

my $direct = evaluate(qw(--data d --model ials --set factors=128 --seed 4
                         --split last=0.2 --at 20));
is_deeply($direct, $e, 'evaluate trains and splits as train and split do');

my $folds = evaluate(qw(--data d1 --model popularity --split folds=3));
is($folds->{folds}, 3, 'cross-validation');
ok($folds->{users} > 1220, '... over the users of every fold');

my @before = sort glob('*');

refused(2, qr/--data is missing/, qw(train --model ials -o x));
refused(2, qr/-o is missing/, qw(train --model ials --data d));
refused(2, qr/no model "x"/, qw(train --model x --data d -o x));
refused(2, qr/has no parameter "factor"/,
        qw(train --model ials --data d -o x --set factor=3));
refused(2, qr/out of bounds/,
        qw(train --model ials --data d -o x --set factors=0));
refused(2, qr/not a number/,
        qw(train --model ials --data d -o x --set epochs=ten));
refused(1, qr/none/, qw(train --model ials --data none -o x));
refused(1, qr/no such|No such/, qw(train --model ials --data d -o no/x
                                   --quiet --set epochs=1 --set factors=2));
refused(2, qr/--test is missing/, qw(evaluate --bundle b));
refused(2, qr/either --bundle or --data/, qw(evaluate --test f));
refused(2, qr/--at/, qw(evaluate --bundle b --test f --at 0));
refused(2, qr/folds=K/, qw(evaluate --data d --model ials
                           --split folds=1));
refused(2, qr/exclude each other/, qw(evaluate --data d --model ials
                                      --split last --test f));
refused(1, qr/d/, qw(evaluate --bundle d --test f));

is_deeply([sort glob('*')], \@before, 'nothing left behind');

chdir '/';

done_testing();
