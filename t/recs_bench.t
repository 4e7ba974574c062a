#!/usr/bin/perl

# The benches of the search run, on a tiny set, and their answers are those of
# a brute force (bench_search ends with status 1 where they are not).  No time
# is judged.

use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $build = $ENV{RECS_BUILD} // 'build';

plan skip_all => 'the benches are not built'
    unless -x "$build/bench/bench_search";

my $dir = tempdir(CLEANUP => 1);


# Runs a program of the build: (exit status, standard output).
sub run {
    my ($name, @args) = @_;

    open my $fh, '-|', "$build/$name", @args or die "$name: $!\n";
    my $out = do { local $/; <$fh> } // '';
    close $fh;

    return ($? >> 8, $out);
}


# A search bench of a bundle, decoded.
sub bench {
    my ($bundle, @options) = @_;

    my ($rc, $out) = run('bench/bench_search', '-r', 2, '-t', 1, @options,
                         $bundle);
    is($rc, 0, "bench_search @options: every answer is exact");

    return eval { decode_json($out) } // {};
}


# Which cases there are: "method asked k", those after a call marked.
sub cases {
    my ($result) = @_;

    return join ', ', map {
        "$_->{method} $_->{asked} $_->{k}" . ($_->{after} ? ' after' : '')
    } @{ $result->{cases} };
}


# A generated catalogue: vectors alone.

for my $kind (qw(power flat unit)) {
    my $folder = "$dir/$kind";
    mkdir $folder or die "$folder: $!\n";

    is((run('bench/bench_catalogue', 777, $kind, $folder))[0], 0,
       "catalogue, $kind");
    is((run('recs', 'pack', '--items', "$folder/items.npy", '--item-ids',
            "$folder/items.txt", '--users', "$folder/users.npy", '--user-ids',
            "$folder/users.txt", '-o', "$folder.mdb"))[0], 0, '... packed');

    my $result = bench("$folder.mdb", '-k', '1,10,777', '-u', 100);
    is($result->{items}, 777, '... 777 items');
    is($result->{users}, 100, '... 100 users');
    is(@{ $result->{cases} // [] }, 30, '... 5 cases, 3 lengths, twice each');
    is(scalar(grep { $_->{median_us} <= 0 } @{ $result->{cases} }), 0,
       '... each took some time');
}


# A trained model: what was seen, and sessions.

is((run('recs', 'simulate', '-o', "$dir/shop", '--items', 300, '--users',
        200))[0], 0, 'a shop');
is((run('recs', 'import', '--quiet', '-o', "$dir/shop.data",
        "$dir/shop/events.csv"))[0], 0, '... imported');
is((run('recs', 'train', '--quiet', '--model', 'ials', '--data',
        "$dir/shop.data", '--set', 'factors=24', '-o', "$dir/shop.mdb"))[0],
   0, '... trained');

is(cases(bench("$dir/shop.mdb", '-k', 7, '-q')),
   join(', ', map { ("ours $_ 7", "ours $_ 7 after") } qw(all seen))
   . ', ' . join(', ', map { ("int8 $_ 7", "int8 $_ 7 after") } qw(all seen)),
   'the quick cases');
like(cases(bench("$dir/shop.mdb", '-k', 7)), qr/\bours session 7 after\b/,
     'a session');

my ($rc, $out) = run('bench/bench_open', '-r', 2, "$dir/shop.mdb",
                     "$dir/unit.mdb");
is($rc, 0, 'bench_open');
is(join(' ', map { $_->{items} } @{ decode_json($out) }), '300 777',
   'bundles are opened');


# What bench/bench-train reads.

SKIP: {
    skip 'bench_train is not built', 2 unless -x "$build/bench/bench_train";

    ($rc, $out) = run('bench/bench_train', "$dir/shop.data", 1);
    is($rc, 0, 'bench_train');
    is(join(' ', map { $_->{factors} } @{ decode_json($out)->{epochs} }),
       '64 128 256', '... an epoch of each length');
}


# hnswlib, where the benches have it.

SKIP: {
    skip 'built without hnswlib', 2
        if `$build/bench/bench_search -g -k 10 $dir/unit.mdb 2>&1`
           =~ /without hnswlib/;

    my $result = bench("$dir/unit.mdb", '-g', '-k', 10);
    my @points = grep { exists $_->{ef} } @{ $result->{cases} };

    cmp_ok(scalar(@points), '>=', 1, 'hnswlib answers');
    cmp_ok($points[-1]{recall}, '>=', 0.99, '... reaches a recall of .99');
}

done_testing();
