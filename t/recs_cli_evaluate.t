#!/usr/bin/perl

# recs evaluate: its figures against lists of recs recommend that are judged
# here, cross-validation, models compared, and what it refuses.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP ();
use Test::More;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;

$recs = abs_path($recs);

my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die "$dir: $!";
END { chdir '/' }

srand 20261124;


sub recs {
    my ($args) = @_;

    my $out = qx{$recs $args 2>stderr};

    return ($? >> 8, $out);
}

sub evaluated {
    my ($args) = @_;

    my ($rc, $out) = recs("evaluate $args --json --quiet");

    is($rc, 0, "evaluate $args") or diag(qx{cat stderr});

    return eval { JSON::PP::decode_json($out) } // {};
}

sub near {
    my ($got, $want, $name) = @_;

    ok(defined $got && abs($got - $want) < 2e-6, $name)
        or diag('got ' . ($got // 'nothing') . ", want $want");
}

sub refused {
    my ($args, $message) = @_;

    my ($rc, $out) = recs("evaluate $args");

    is($rc, 2, "evaluate $args: exit status");
    like(qx{cat stderr}, $message, '... says why');
}


# Two tastes: 80 users of 12 items each, most of them even or odd as the user.
open my $csv, '>', 'events.csv' or die $!;
print {$csv} "user,item,timestamp\n";

for my $user (0 .. 79) {
    my %met;

    while (keys %met < 12) {
        my $item = 2 * int(30 * rand() ** 2) + $user % 2;
        $met{rand() < .1 ? $item ^ 1 : $item} = 1;
    }

    my $time = 1000;
    printf {$csv} "u%d,i%02d,%d\n", $user, $_, $time++
        for sort { $met{$a} <=> $met{$b} || $a <=> $b } keys %met;
}

close $csv or die $!;

for ('import --format csv -o all events.csv',
     'split all --split random=0.25 -o train --test test.csv',
     'train --model knn --data train -o knn.mdb --quiet',
     'train --model popularity --data train -o popularity.mdb --quiet')
{
    is((recs($_))[0], 0, $_) or diag(qx{cat stderr});
}

# recall, map and mrr at 5 of the lists that the command gives, by hand.
my %wanted;

open my $test, '<', 'test.csv' or die $!;
<$test>;
/^([^,]+),([^,]+)/ and $wanted{$1}{$2} = 1 while <$test>;
close $test;

open my $users, '>', 'users' or die $!;
print {$users} "$_\n" for sort keys %wanted;
close $users or die $!;

my ($recall, $map, $mrr) = (0, 0, 0);
my ($rc, $lists) = recs('recommend knn.mdb --users users -k 5 --json');

for (split /\n/, $lists) {
    my $list = JSON::PP::decode_json($_);
    my $of = $wanted{$list->{user}};
    my ($hits, $place, $first, $average) = (0, 0, 0, 0);

    for my $item (@{$list->{items}}) {
        $place++;
        next unless $of->{$item->{id}};
        $hits++;
        $first ||= $place;
        $average += $hits / $place;
    }

    my $n = keys %$of;

    $recall += $hits / $n / keys %wanted;
    $map += $average / ($n < 5 ? $n : 5) / keys %wanted;
    $mrr += 1 / $first / keys %wanted if $first;
}

my $e = evaluated('--bundle knn.mdb --test test.csv --at 5,10');

is($e->{users}, keys %wanted, 'all users');
near($e->{recall_at_5}, $recall, 'recall as of the lists');
near($e->{map_at_5}, $map, 'map');
near($e->{mrr_at_5}, $mrr, 'mrr');
cmp_ok($e->{auc}, '>', .7, 'tastes are found');
cmp_ok($e->{novelty_at_5}, '>', 0, 'novelty');
is($e->{diversity_at_5}, undef, 'no vectors, no diversity');

my $popular = evaluated('--bundle popularity.mdb --test test.csv --at 5,10');

is_deeply($popular->{popular}{$_}, $popular->{$_}, "popular beside: $_")
    for qw(recall_at_5 ndcg_at_10 gini_at_5 auc);
near($e->{popular}{recall_at_5}, $popular->{recall_at_5},
     'the popular rung of another model is the popularity');

my $parts = $e->{parts};

is($parts->{light}{users} + $parts->{middle}{users} + $parts->{heavy}{users}
   + $parts->{new}{users}, $e->{users}, 'parts of the users');

# users whom nobody knows are new, and have what is popular
qx{sed 's/^u1,/stranger,/' test.csv > strangers.csv};
my $strange = evaluated('--bundle knn.mdb --test strangers.csv --at 5');
is($strange->{unknown_users}, 1, 'a stranger');
is($strange->{parts}{new}{users}, 1, '... is new');

my $folds = evaluated('--data all --model knn --split folds=4 --at 5');
my ($lo, $hi) = @{$folds->{interval}{recall_at_5}};

is($folds->{folds}, 4, 'folds');
cmp_ok($hi - $lo, '>', 0, 'an interval');
near(($lo + $hi) / 2, $folds->{recall_at_5}, '... about the mean');

# models compared: trained here, or bundles, the same figures
my $trained = evaluated('--data all --split random=0.25 --at 5'
                        . ' --compare popularity --compare knn');
my $bundles = evaluated('--test test.csv --at 5'
                        . ' --compare popularity.mdb --compare knn.mdb');

is($trained->{comparisons}[1]{verdict}, 'better', 'knn beats popularity');
is($trained->{comparisons}[0]{verdict}, 'open', 'popularity not itself');
is_deeply($trained->{comparisons}[1]{ndcg_at_5},
          $bundles->{comparisons}[1]{ndcg_at_5}, 'bundles compared');
near($bundles->{comparisons}[1]{recall_at_5}{difference},
     $recall - $popular->{recall_at_5}, 'the difference is the means\'');

my ($d) = $trained->{comparisons}[1]{ndcg_at_5};
ok($d->{lo} < $d->{difference} && $d->{difference} < $d->{hi}, 'interval');

my $all = evaluated('--data all --model knn --compare popularity'
                    . ' --compare ials,factors=2,epochs=1');

is(join(' ', map { $_->{model} } @{$all->{models}}),
   'knn popularity ials,factors=2,epochs=1', '--model comes first');

my (undef, $text) = recs('evaluate --test test.csv --compare knn.mdb'
                         . ' --compare popularity.mdb --at 5');
like($text, qr/^popularity\.mdb ranks worse than knn\.mdb: NDCG\@5 /m,
     'a verdict in words');

# the page: well-formed, all models on it, names escaped
qx{cp knn.mdb '<b>.mdb'};
($rc) = recs(q{evaluate --test test.csv --compare knn.mdb --compare '<b>.mdb'}
             . ' --compare popularity.mdb --html page.html');
is($rc, 0, 'a page') or diag(qx{cat stderr});

my $page = do { open my $fh, '<', 'page.html' or die; local $/; <$fh> };
my @open;

for ($page =~ m{<(/?[a-z][a-z0-9]*)[^>]*?(?:/?)>}gi) {
    next if /^(?:meta|br|circle|line|rect)$/;
    if (!m{^/}) { push @open, $_ }
    elsif (@open && $open[-1] eq substr $_, 1) { pop @open }
    else { push @open, $_; last }
}

is("@open", '', 'all elements closed');
like($page, qr/popularity\.mdb ranks worse than knn\.mdb/, 'the verdict');
like($page, qr/&lt;b&gt;\.mdb/, 'a name escaped');
unlike($page, qr/<b>\.mdb|https?:|NaN|nan/, 'and nothing else');
cmp_ok(() = $page =~ /<svg/g, '>', 15, 'plots');

refused('--data all --compare knn', qr/two models at least/);
refused('--data all --compare knn --compare x', qr/--test is missing/);
refused('--test test.csv --compare knn --compare knn.mdb',
        qr/--data is missing/);
refused('--data all --compare knn --compare knn,neighbors',
        qr/not name=value/);
refused('--test test.csv --compare knn.mdb --compare knn.mdb,factors=2',
        qr/no setting|has no setting/);
refused('--data all --compare knn --compare knn,rank=x', qr/rank is none/);
refused('--data all --compare knn --compare ials --split folds=2',
        qr/folds=K/);
refused('--data all --compare knn --compare ials --hidden .1',
        qr/--hidden/);

done_testing();
