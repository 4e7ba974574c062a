#!/usr/bin/perl

# recs plan: visitors for a lift, the lift for visitors, and what it refuses.

use strict;
use warnings;

use JSON::PP ();
use Test::More;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;


sub planned {
    my ($args) = @_;

    my $out = qx{$recs plan $args --json};

    is($? >> 8, 0, "plan $args");

    return JSON::PP::decode_json($out);
}

sub refused {
    my ($args, $message) = @_;

    my $out = qx{$recs plan $args 2>&1};

    is($? >> 8, 2, "plan $args: exit status");
    like($out, $message, "plan $args: message");
}


# 2 (1.96 + 0.8416)^2 (.1 * .9 + .11 * .89) / .01^2 = 29496.09
my $fixed = planned('--rate .1 --lift .1 --fixed --per-day 1000');

cmp_ok(abs($fixed->{units} - 29498), '<=', 3, 'two rates of the textbook');
is($fixed->{days}, 30, 'days');
is($fixed->{intervals}, 'one look', 'one look');

my $valid = planned('--rate .1 --lift .1');

cmp_ok($valid->{units} / $fixed->{units}, '>', 1.5, 'more for any look');
cmp_ok($valid->{units} / $fixed->{units}, '<', 2.5, 'but not so many more');
is($valid->{days}, undef, 'no days');

my $back = planned("--rate .1 --units $valid->{units}");

cmp_ok(abs($back->{lift} - .1), '<', .005, 'there and back');

# The same, in a unit a hundred times smaller.
my $euros = planned('--mean 1.8 --sd 12 --lift .05 --share .2');
my $cents = planned('--mean 180 --sd 1200 --lift .05 --share .2');

is($euros->{units}, $cents->{units}, 'the unit of a mean does not matter');

my $half = planned('--mean 1.8 --sd 12 --lift .05');

cmp_ok(abs($euros->{units} / $half->{units} - .25 / .16), '<', .1,
       'halves need the fewest');

like(qx{$recs plan --rate .1 --lift -.5 --per-day 100},
     qr/^\d+ visitors, .* -50 %.*\n.*always valid\)\n\d+ days/, 'in words');

refused('--lift .1', qr/either --rate, or --mean and --sd/);
refused('--mean 3 --lift .1', qr/either --rate, or --mean and --sd/);
refused('--rate .1', qr/either --lift, or --units/);
refused('--rate .1 --lift .1 --units 99', qr/either --lift, or --units/);
refused('--rate .1 --lift 0', qr/a --lift of 0/);
refused('--rate .6 --lift .7', qr/a rate of 1\.02/);
refused('--rate nan --lift .1', qr/--rate wants a number/);
refused('--rate .3 --units 10', qr/no lift, does that/);
refused('--rate 1e-9 --lift 1e-6', qr/no number of visitors/);

done_testing();
