#!/usr/bin/perl

# recs tune: trials kept and resumed, budgets, settings that recs train takes,
# and what it refuses.

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

sub tuned {
    my ($args) = @_;

    my ($rc, $out) = recs("tune $args --json --quiet");

    is($rc, 0, "tune $args") or diag(qx{cat stderr});

    return eval { JSON::PP::decode_json($out) } // {};
}

sub refused {
    my ($args, $status, $message) = @_;

    my ($rc, $out) = recs("tune $args");

    is($rc, $status, "tune $args: exit status");
    like(qx{cat stderr}, $message, '... says why');
}

sub lines {
    my ($path) = @_;

    open my $file, '<', $path or die "$path: $!";
    my @lines = <$file>;

    return @lines;
}

# The trials of a state, without the time that they took.
sub trials {
    my ($path) = @_;

    my ($header, @trials) = map { JSON::PP::decode_json($_) } lines($path);

    delete $_->{seconds} for @trials;

    return \@trials;
}

sub put {
    my ($path, @lines) = @_;

    open my $file, '>', $path or die "$path: $!";
    print {$file} @lines;
    close $file or die "$path: $!";
}


# Three tastes with a drift of time.
my @rows = ("user,item,timestamp\n");

for my $user (0 .. 119) {
    my %met;

    while (keys %met < 14) {
        my $item = 3 * int(40 * rand() ** 2) + $user % 3;
        $met{rand() < .15 ? $item ^ 1 : $item} = 1;
    }

    my $time = 1000;
    push @rows, map { sprintf "u%d,i%03d,%d\n", $user, $_, $time++ }
                sort { $met{$a} <=> $met{$b} || $a <=> $b } keys %met;
}

put('events.csv', @rows);
is((recs('import --format csv -o d events.csv --quiet'))[0], 0, 'imported')
    or diag(qx{cat stderr});

my $ials = '--model ials --data d --set factors=8';


# A search, and the same in pieces.
my $whole = tuned("$ials --trials 12 --state whole");

is($whole->{trials}, 12, 'so many trials as asked for');
is($whole->{failed}, 0, 'none failed');
cmp_ok($whole->{quality}, '>=', $whole->{first}, 'the best is no worse than '
    . 'the first');
is_deeply([sort keys %{$whole->{settings}}],
          [qw(epochs factors regularization regularization_exponent
              unobserved_weight)], 'what was looked for and what was set');

my $trials = trials('whole');
is(scalar @$trials, 12, 'all are kept');

my ($best) = sort { $b->{quality} <=> $a->{quality} || $a->{trial}
                    <=> $b->{trial} } @$trials;
is($whole->{best}, $best->{trial}, 'the best is the best of them');
cmp_ok(abs($whole->{quality} - $best->{quality}), '<', 1e-8, 'its quality');

tuned("$ials --trials 4 --state parts");
is(scalar @{trials('parts')}, 4, 'four, to begin with');
tuned("$ials --trials 9 --state parts --threads 1");

# Killed while it wrote the tenth.
my @kept = lines('whole');
put('parts', lines('parts'), substr($kept[10], 0, 40));

my $parts = tuned("$ials --trials 12 --state parts --threads 2");
is_deeply(trials('parts'), $trials, 'in pieces: the same trials');
delete $_->{seconds} for $whole, $parts;
is_deeply($parts, $whole, '... and the same outcome');

# Killed by a signal, wherever it was.
my $pid = fork // die "fork: $!";

if ($pid == 0) {
    open STDOUT, '>', '/dev/null';
    exec $recs, 'tune', split(' ', $ials), qw(--trials 10000 --minutes 5
        --state killed --quiet);
    die "$recs: $!";
}

for (1 .. 600) {
    last if -e 'killed' && lines('killed') > 3;
    select undef, undef, undef, 0.1;
}

kill 'KILL', $pid;
waitpid $pid, 0;

my $n = grep { /\n\z/ } lines('killed');
cmp_ok($n, '>', 3, 'trials that a killed search has left');

SKIP: {
    skip 'it was faster than the kill', 1 if $n > 13;

    tuned("$ials --trials 12 --state killed");
    is_deeply(trials('killed'), $trials, 'resumed after a kill: the same');
}


# Without a state, and with other numbers.
is(tuned("$ials --trials 12")->{quality}, $whole->{quality},
   'a state changes nothing');
isnt(tuned("$ials --trials 12 --seed 5")->{quality}, $whole->{quality},
     'another seed does');


# A budget counts what earlier runs have spent.
is(tuned("$ials --minutes 1e-9")->{trials}, 1, 'no time: what was asked for');
is(tuned("$ials --minutes 1e-9 --state whole")->{trials}, 12,
   'no time left: what there is');


# Settings for recs train.
tuned("$ials --trials 12 --state whole -o best.settings");

my ($rc, $out) = recs('train --settings best.settings --data d -o b --json '
    . '--quiet');
is($rc, 0, 'train --settings') or diag(qx{cat stderr});

my $params = JSON::PP::decode_json($out)->{params};
cmp_ok(abs($params->{$_} - $whole->{settings}{$_}), '<', 1e-9, "... $_")
    for sort keys %{$whole->{settings}};

($rc, $out) = recs('evaluate --settings best.settings --data d --json --quiet');
is($rc, 0, 'evaluate --settings') or diag(qx{cat stderr});
like($out, qr/0\.\d+/, '... has figures');

($rc, $out) = recs('train --settings best.settings --set epochs=3 --data d '
    . '-o b --json --quiet');
is(JSON::PP::decode_json($out)->{params}{epochs}, 3, '--set goes above them');

is((recs('train --settings best.settings --model knn --data d -o b'))[0], 2,
   'settings of another model');
like(qx{cat stderr}, qr/is of the model ials, not knn/, '... says so');

put('bad.settings', "# nothing\n\nmodel=ials\nepochs\n");
is((recs('train --settings bad.settings --data d -o b'))[0], 1,
   'no settings');
like(qx{cat stderr}, qr/bad\.settings:4: "epochs" is not name=value/,
     '... names the line');

put('bad.settings', "epochs=3\nheight=4\n");
is((recs('train --settings bad.settings --model ials --data d -o b'))[0], 2,
   'a parameter that is none');
like(qx{cat stderr}, qr/no parameter "height"/, '... names it');


# What is looked for.
my $search = tuned('--model knn --data d --trials 9 --search neighbors=5:50 '
    . '--search shrinkage=0:2 --metric recall --at 5');
is_deeply([sort keys %{$search->{settings}}], [qw(neighbors shrinkage)],
          'only what was named');
is($search->{metric}, 'recall', 'of another metric');

is_deeply([sort keys %{tuned('--model knn --data d --trials 3')->{settings}}],
          [qw(source_exponent user_exponent)], 'by itself');

is(tuned('--model popularity --data d --minutes 1')->{trials}, 1,
   'nothing to look for: once');

# A test set from elsewhere.
recs('split d --split last=0.2 -o train --test test.csv');
my $test = tuned('--model ials --data train --test test.csv --trials 12 '
    . '--set factors=8');
cmp_ok(abs($test->{quality} - $whole->{quality}), '<', 1e-8,
       'a split made before: the same');


# What is refused.
refused("$ials --state events.csv", 3, qr/recs tune has not written it/);
is(join('', lines('events.csv')), join('', @rows), '... and left alone');

my $before = join '', lines('whole');
refused("$ials --state whole --seed 2", 3, qr/"seed" is another/);
refused("$ials --state whole --metric map", 3, qr/"metric" is another/);
refused("$ials --state whole --set epochs=4", 3, qr/"set" is another/);
refused("$ials --state whole --search epochs=4:8", 3,
        qr/"search" is another/);
refused("$ials --state whole --split last=0.3", 3,
        qr/"(tested|trained)_on" is another/);
refused('--model knn --data d --state whole', 3, qr/is another/);
is(join('', lines('whole')), $before, '... and left alone');

@kept = lines('whole');
put('damaged', @kept[0 .. 2], "{\"trial\":3}\n", @kept[4 .. 12]);
refused("$ials --state damaged", 3, qr/line 4 is no trial/);
put('damaged', @kept[0 .. 2, 4 .. 12]);
refused("$ials --state damaged", 3, qr/line 4 is no trial/);
(my $wild = $kept[3]) =~ s/"epochs":[\d.]+/"epochs":1e9/;
put('damaged', @kept[0 .. 2], $wild);
refused("$ials --state damaged", 3, qr/line 4 is no trial/);

refused('--data d', 2, qr/--model is missing/);
refused('--model ials', 2, qr/--data is missing/);
refused("$ials --minutes 0", 2, qr/--minutes/);
refused("$ials --minutes x", 2, qr/--minutes/);
refused("$ials --metric novelty", 2, qr/--metric novelty/);
refused("$ials --split users=0.1", 2, qr/--split users/);
refused("$ials --split last --test test.csv", 2, qr/exclude each other/);
refused("$ials --search factors=4:8", 2, qr/factors: it is set/);
refused("$ials --search width=4:8", 2, qr/no parameter "width"/);
refused("$ials --search epochs=4", 2, qr/lowest:highest/);
refused("$ials --state no/such/folder", 1, qr{no/such/folder});

done_testing();
