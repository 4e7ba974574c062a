#!/usr/bin/perl

# script/demo with examples/demo, on a simulated shop and, where the data is
# there, on MovieLens: the page is cached once and differs for two visitors.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use HTTP::Tiny;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsPorts qw(free_ports);

my $build = $ENV{RECS_BUILD} // 'build';
my $data = ($ENV{RECS_TEST_DATA} // '../shared/data') . '/ml-latest-small';
my $dir = tempdir('recs_demo.XXXXXX', TMPDIR => 1, CLEANUP => 1);

plan skip_all => "no $build/recs" unless -x "$build/recs";

chmod 0755, $dir;

system("$build/recs simulate -o $dir/shop --users 400 > /dev/null") == 0
    or die "recs simulate failed\n";

my @cases = (['a simulated shop', "$dir/shop", qr/class="price">&euro; \d/]);

if (-e "$data/ratings.csv") {
    push @cases, ['MovieLens', abs_path($data), qr/class="card film"/];
}

plan tests => 13 * 2;


sub demo {
    my ($arguments) = @_;

    my $output = `script/demo --prebuilt --dir $dir/demo $arguments 2>&1`;
    return ($? >> 8, $output);
}


sub check {
    my ($what, $folder, $card) = @_;

    my $port = free_ports();
    my $http = HTTP::Tiny->new(max_redirect => 0);
    my $address = "http://127.0.0.1:$port";

    my ($status, $output) = demo("--port $port --data $folder");
    is($status, 0, "$what: the demo starts") or diag($output);

    my @hits = $output =~ /page from cache: HIT/g;
    is(scalar @hits, 2, "$what: two visitors, one cached page");

    chomp(my ($first, $second) = `cut -f1 $dir/demo/visitors`);

    my %page;

    for my $visitor ('', $first, $second) {
        my $response = $http->get("$address/",
            { headers => { Cookie => "visitor=$visitor" } });

        is($response->{headers}{'x-cache'}, 'HIT', "$what: HIT");
        $page{$visitor} = $response->{content};
    }

    my $slots = () = $page{$first} =~ /<recs-slot/g;
    is($slots, 3, "$what: three slots");
    unlike($page{$first}, qr/\{\{|<template>/, "$what: all of them filled");
    like($page{$first}, $card, "$what: with cards");
    isnt($page{$first}, $page{$second}, "$what: to each their own");

    my $json = $http->get("$address/recs/for_you?count=3",
        { headers => { Cookie => "visitor=$first" } });
    like($json->{content}, qr/"source":"personal"/, "$what: JSON");

    is($http->get("$address/status")->{status}, 200, "$what: status");

    my $visit = $http->get("$address/visit/$second");
    like($visit->{headers}{'set-cookie'}, qr/^visitor=\Q$second\E;/,
         "$what: the switcher");

    demo('stop');

    my $log = `cat $dir/demo/logs/error.log`;
    unlike($log, qr/\[(?:alert|crit|emerg|error)\]|Sanitizer|runtime error/,
           "$what: a quiet error log");
}


SKIP: {
    check(@{ $cases[0] });
    skip "no $data", 13 unless $cases[1];
    check(@{ $cases[1] });
}

END {
    local $?;
    demo('stop') if $dir;
}
