# GrowthBook's conditions and features, as far as maps, `when` and blocks of
# recs_experiment can say them: cases.json of its SDKs in one configuration.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsGrowthbook;
use RecsNginx;

my $data = $ENV{RECS_TEST_DATA} // "$FindBin::Bin/../../shared/data";
my $path = "$data/growthbook/cases.json";

plan(skip_all => "no $path") if !-e $path;

my $t = RecsNginx->new;
my $cases = JSON::PP->new->decode($t->read($path));
my $g = RecsGrowthbook->new;
my (@locations, @cases, %left);


# A location that answers what `translate` gives, for these attributes; or
# the reason why there is none.
sub translated {
    my ($kind, $name, $attributes, $expected, $translate) = @_;

    my $kept = { %$g };
    my $case = { kind => $kind, name => $name, expected => $expected };

    eval {
        $case->{headers} = [RecsGrowthbook::headers($attributes)];
        push @locations, $translate->();
        push @cases, $case;
    };

    if ($@) {
        die $@ if $@ =~ / at \S+ line \d+/;

        my ($reason) = $@ =~ /(.*)/;
        push @{ $left{$kind}{$reason} }, $name;
        $g->{$_} = $kept->{$_} for qw(maps experiments);
    }
}

for (@{ $cases->{evalCondition} }) {
    my ($name, $condition, $attributes, $expected, $groups) = @$_;

    translated('evalCondition', $name, $attributes, $expected ? 'in' : '',
               sub {
        my $x = 'x' . @locations;
        my $holds = $g->condition($condition, $groups);

        $g->{experiments} .= "recs_experiment $x { unit id; when $holds;"
            . " variant in 100; variant out 0; }\n";
        return "\$recs_variant_$x";
    });
}

for (@{ $cases->{feature} }) {
    my ($name, $context, $feature, $expected) = @$_;

    translated('feature', $name, $context->{attributes} // {},
               RecsGrowthbook::text($expected->{value}),
               sub { $g->feature($feature, $context) });
}

my $locations = join '', map {
    "location = /$_ { return 200 \"<$locations[$_]>\"; }\n"
} 0 .. $#locations;

$t->conf("http {\n%%HTTP%%\nvariables_hash_max_size 16384;\n"
         . "map_hash_bucket_size 256;\n" . $g->config
         . "server {\nlisten 127.0.0.1:%%PORT%%;\n$locations}\n}\n");
$t->start;

my %passed;

for my $n (0 .. $#cases) {
    my $case = $cases[$n];
    my $body = $t->get("/$n?$g->{arguments}", @{ $case->{headers} })->{body};

    is($body, "<$case->{expected}>", "$case->{kind}: $case->{name}")
        and $passed{$case->{kind}}++;
}

for (['evalCondition', 226], ['feature', 53]) {
    my ($kind, $at_least) = @$_;

    my $expressed = grep { $_->{kind} eq $kind } @cases;
    my $all = @{ $cases->{$kind} };

    note("$kind: $expressed of $all expressed, ", $passed{$kind} // 0,
         ' pass');
    note("  not: $_ (", scalar @{ $left{$kind}{$_} }, ')')
        for sort keys %{ $left{$kind} };
    cmp_ok($expressed, '>=', $at_least, "$kind: expressed");
}

$t->done;
