# Slots with a filter and with a budget: answers satisfy the filter, equal the
# command's and a brute force over the exported vectors; a reload resolves
# the filters anew.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $data = $ENV{RECS_TEST_DATA} // "$FindBin::Bin/../../shared/data";

plan skip_all => 'no ml-latest-small in RECS_TEST_DATA or ../shared/data'
    unless -d "$data/ml-latest-small";

my $t = RecsNginx->new;

my $film = $t->path('film.mdb');

$t->recs('import', '--format', 'movielens', '-o', $t->path('film.data'),
         "$data/ml-latest-small");
$t->recs('train', '--model', 'ials', '--data', $t->path('film.data'), '-o',
         $film, '--set', 'factors=16', '--set', 'epochs=4');
chmod 0644, $film;

my $generation = $t->publish($film, 'film');

# --- the truth, from the export -------------------------------------------

$t->recs('export', $film, '-o', $t->path('arrays'));

my (%genres, %year);

open my $fh, '<', "$data/ml-latest-small/movies.csv" or die "movies.csv: $!";

while (<$fh>) {
    s/\r?\n\z//;
    my ($id, $title, $list) = /^(\d+),(".*"|[^"]*),([^,]+)$/ or next;
    $genres{$id} = { map { $_ => 1 } split /\|/, $list };
    ($year{$id}) = $title =~ /\((\d{4})\)\s*"?$/;
}


# The rows of a .npy of float32.
sub rows {
    my ($file, $n) = @_;

    my $bytes = $t->read($t->path("arrays/$file"));
    my @values = unpack 'f<*', substr $bytes, 10 + unpack 'x8 S<', $bytes;
    my $d = @values / $n;

    return map { [@values[$_ * $d .. $_ * $d + $d - 1]] } 0 .. $n - 1;
}


sub lines { return split /\n/, $t->read($t->path("arrays/$_[0]")) }

my @item_ids = lines('item_ids.txt');
my @user_ids = lines('user_ids.txt');
my @items = rows('items.npy', scalar @item_ids);
my @users = rows('users.npy', scalar @user_ids);
my %user_row = map { $user_ids[$_] => $users[$_] } 0 .. $#user_ids;
my %seen;

for (lines('seen.jsonl')) {
    my $line = JSON::PP::decode_json($_);
    $seen{$line->{user}} = { map { $_ => 1 } @{ $line->{items} } };
}


# The best scores that a filter leaves to a user, and which items those are.
sub best {
    my ($user, $n, $left) = @_;

    my $u = $user_row{$user};
    my @found;

    for my $i (0 .. $#items) {
        my $id = $item_ids[$i];

        next if $seen{$user}{$id} || !$left->($id);

        my $score = 0;
        $score += $u->[$_] * $items[$i][$_] for 0 .. $#$u;
        push @found, [$id, $score];
    }

    @found = sort { $b->[1] <=> $a->[1] } @found;
    splice @found, $n if @found > $n;

    return @found;
}


sub of { my ($g) = @_; return sub { $genres{$_[0]}{$g} } }

my %slots = (
    common => { filter => 'filter genres Comedy;',
                options => ['genres=Comedy'], left => of('Comedy') },
    rare => { filter => 'filter genres Film-Noir;',
              options => ['genres=Film-Noir'], left => of('Film-Noir') },
    any => { filter => 'filter genres Film-Noir Western IMAX;',
             options => ['genres=Film-Noir|Western|IMAX'],
             left => sub { grep { $genres{$_[0]}{$_} }
                           qw(Film-Noir Western IMAX) } },
    both => { filter => 'filter genres Children; filter year 1995 1996;',
              options => ['genres=Children', 'year=1995|1996'],
              left => sub { $genres{$_[0]}{Children} && $year{$_[0]}
                            && $year{$_[0]} =~ /^199[56]$/ } },
    both_common => { filter => "filter genres Drama;\n"
                               . 'filter "genres" "Romance";',
                     options => ['genres=Drama', 'genres=Romance'],
                     left => sub { $genres{$_[0]}{Drama}
                                   && $genres{$_[0]}{Romance} } },
    nothing => { filter => 'filter genres Children; filter genres Horror; '
                           . 'filter genres Film-Noir;',
                 options => ['genres=Children', 'genres=Horror',
                             'genres=Film-Noir'],
                 left => sub { 0 } },
);

my $slots = join "\n", map {
    "recs_slot $_ { model film; count 20; $slots{$_}{filter} }"
} sort keys %slots;

my $conf = <<"END";
http {
    %%HTTP%%

    recs_model film %%DIR%%/film;

    $slots
    recs_slot like { model film; strategy similar; filter genres Film-Noir; }
    recs_slot best { model film; strategy popular; filter genres Western; }
    recs_slot most { model film; strategy popular; filter genres Drama; }
    recs_slot all  { model film; count 20; }

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_user \$arg_user;
        location /recs/ { recs_api; }
    }
}
END

$t->conf($conf, workers => 2);
$t->start;


sub answer { return $t->json(@_)->{json} // {} }

sub ids { return join ' ', map { $_->{id} } @{ $_[0]{items} } }

# What the command answers, as the API would.
sub offline {
    my ($slot, $n, @who) = @_;

    return JSON::PP::decode_json($t->recs(
        'recommend', $film, @who, '-k', $n, '--json',
        map { ('--filter', $_) } @$slot));
}


# --- personal --------------------------------------------------------------

for my $name (sort keys %slots) {
    my $slot = $slots{$name};
    my (@wrong, @other, @worse);

    for my $user (@user_ids[0 .. 7]) {
        my $answer = answer("/recs/$name?user=$user");
        my $same = offline($slot->{options}, 20, '--user', $user);

        push @wrong, grep { !$slot->{left}->($_->{id}) }
            @{ $answer->{items} };
        push @other, $user if ids($answer) ne ids($same)
            || $answer->{source} ne $same->{source};

        my @best = best($user, 20, $slot->{left});
        my @personal = grep { ($_->{source} // $answer->{source})
                              eq 'personal' } @{ $answer->{items} };

        push @worse, "$user: " . @personal . ' of ' . @best
            if @personal != @best;

        for my $i (0 .. $#best) {
            push @worse, "$user: $i"
                if abs(($personal[$i]{score} // -9) - $best[$i][1]) > 1e-5;
        }
    }

    is_deeply(\@wrong, [], "$name: every item passes the filter");
    is_deeply(\@other, [], "$name: as recs recommend --filter");
    is_deeply(\@worse, [], "$name: none better, by brute force");
}

my $none = answer('/recs/nothing?user=1');
is("$none->{source} $none->{reason} " . @{ $none->{items} },
   'fallback exhausted 0', 'nothing is left: the fallback, and why');

is(ids(answer('/recs/all?user=1')), ids(offline([], 20, '--user', 1)),
   'a slot without a filter beside them');

# --- other rungs -----------------------------------------------------------

my $like = answer('/recs/like?item=930&count=10');
is($like->{source}, 'similar', 'similar, of a rare value');
is((grep { !$genres{$_->{id}}{'Film-Noir'} } @{ $like->{items} }), 0,
   'every item passes');
is(ids($like), ids(offline(['genres=Film-Noir'], 10, '--item', 930)),
   'as offline');

for (['best', 'Western'], ['most', 'Drama']) {
    my ($slot, $genre) = @$_;
    my $answer = answer("/recs/$slot?count=100");
    my $popular = offline([], 1000, '--strategy', 'popular');
    my @left = grep { $genres{$_->{id}}{$genre} } @{ $popular->{items} };
    my @items = @{ $answer->{items} };
    my $n = @left < @items ? @left : @items;

    is(scalar @items, 100, "popular: $genre, enough of them");
    is((grep { !$genres{$_->{id}}{$genre} } @items), 0,
       "popular: $genre, every item passes");
    is(join(' ', map { $_->{id} } @items[0 .. $n - 1]),
       join(' ', map { $_->{id} } @left[0 .. $n - 1]),
       "popular: $genre, in the order of all");
}

my $stranger = answer('/recs/rare?user=stranger');
is("$stranger->{source} $stranger->{reason}", 'popular unknown_user',
   'a stranger gets the popular of the filter');
is((grep { !$genres{$_->{id}}{'Film-Noir'} } @{ $stranger->{items} }), 0,
   'and only those');

# 120 items of one rare value: the personal list ends, nothing tops it up.
my $answer = answer('/recs/rare?user=1&count=100');
my $rest = grep { $genres{$_}{'Film-Noir'} && !$seen{1}{$_} } @item_ids;
is(scalar @{ $answer->{items} }, $rest < 100 ? $rest : 100,
   'topped up with what the filter leaves and no more');

is(scalar @{ answer('/recs/rare?user=1&exclude='
                      . join ',', map { $_->{id} } @{ $answer->{items} }
                     )->{items} },
   ($rest < 100 ? 0 : 20), 'exclude within a filter');

# --- what is refused -------------------------------------------------------

sub refused {
    my ($what, $block, $pattern) = @_;

    (my $other = $conf) =~ s/recs_slot all .*/recs_slot all { $block }/;
    $t->conf($other, workers => 2);

    $t->refused($what, $pattern);
}

refused('an unknown attribute', 'model film; filter colour red;',
        qr/"filter" of model "film": the model has no attribute "colour" in recs_slot "all" in .*nginx\.conf:\d+/);
refused('an attribute without an index', 'model film; filter title Heat;',
        qr/"filter" of model "film": the model has no index of attribute "title": .* in recs_slot "all" in .*nginx\.conf:\d+/);
refused('a filter without a value', 'model film; filter genres;',
        qr/invalid number of arguments in "filter" directive/);
refused('a budget without a unit', 'model film; budget 2000;',
        qr/invalid budget "2000", it must be between 1us and 1000ms/);
refused('a budget of nothing', 'model film; budget 0us;',
        qr/invalid budget "0us"/);
refused('a budget too long', 'model film; budget 1001ms;',
        qr/invalid budget "1001ms"/);
refused('a budget of a word', 'model film; budget us;',
        qr/invalid budget "us"/);
refused('a recency of no items', 'model film; recency 0;',
        qr/invalid recency "0", it must be between 1 and 1000 items/);
refused('a recency of a time', 'model film; recency 5m;',
        qr/invalid recency "5m"/);
refused('two budgets', 'model film; budget 1ms; budget 2ms;',
        qr/"budget" directive is duplicate/);

(my $other = $conf) =~ s/recs_slot all .*/recs_slot all { model film; filter genres Opera; }/;
$t->conf($other, workers => 2);

my ($status, $output) = $t->test;
is($status, 0, 'a value that no item has is accepted');
like($output, qr/\[warn\] .*no item of model "film" has the value "Opera" of "genres" in recs_slot "all"/,
     'with a warning');

($status, $output) = $t->run($t->{recs}, 'recommend', $film, '--user', 1,
                             '--filter', 'colour=red');
is($status, 1, 'the command refuses an unknown attribute');
like($output, qr/the model has no attribute "colour"/, 'and says why');

for my $filter ('colour', '=red', 'colour=', 'colour=||') {
    ($status, $output) = $t->run($t->{recs}, 'recommend', $film, '--user', 1,
                                 '--filter', $filter);
    is($status, 2, "--filter $filter is wrong usage");
}

# --- reloads ---------------------------------------------------------------

$t->conf($conf, workers => 2);

my $before = ids(answer('/recs/common?user=1'));

# A generation whose items have other genres: Western is Comedy now.
my $movies = $t->read("$data/ml-latest-small/movies.csv");
(my $swapped = $movies) =~ s/\b(Western|Comedy)\b/
                             $1 eq 'Western' ? 'Comedy' : 'Western'/gex;

sub generation {
    my ($name, $movies, $keep) = @_;

    mkdir $t->path($name);
    $t->write("$name/movies.csv", $movies);
    $t->write("$name/ratings.csv",
              $t->read("$data/ml-latest-small/ratings.csv"));
    $t->recs('import', '--format', 'movielens', '-o',
             $t->path("$name.data"), $t->path($name));
    $t->recs('train', '--model', 'popularity', '--data',
             $t->path("$name.data"), '-o', $t->path("$name.mdb"));
    chmod 0644, $t->path("$name.mdb");

    return $t->publish($t->path("$name.mdb"), 'film');
}

my $second = generation('swapped', $swapped);
$t->reload;

my @now = @{ answer('/recs/common?user=1')->{items} };
is(answer('/recs/common?user=1')->{generation}, $second,
   'the next generation');
is((grep { !$genres{$_->{id}}{Western} } @now), 0,
   'its filter is resolved against its own values');
is(scalar @now, 20, 'and leaves enough');

# One without the attribute: refused, and the one before serves on.
$t->recs('import', '--format', 'csv', '--items',
         $t->write('bare.csv', "item,kind\n1,a\n2,b\n"),
         '-o', $t->path('bare.data'),
         $t->write('bare.events.csv',
                   "user,item,timestamp\n1,1,1\n1,2,2\n2,1,3\n"));
$t->recs('train', '--model', 'popularity', '--data', $t->path('bare.data'),
         '-o', $t->path('bare.mdb'));
chmod 0644, $t->path('bare.mdb');
$t->publish($t->path('bare.mdb'), 'film');

$t->reload_fails(
    qr/"filter" of model "film": the model has no attribute "genres"/);
is(answer('/recs/common?user=1')->{generation}, $second,
   'the generation before serves on');
is(ids(answer('/recs/common?user=1')), join(' ', map { $_->{id} } @now),
   'with the filter it had');

$t->recs('rollback', $t->path('film'), '--to', 1);
$t->reload;
is(ids(answer('/recs/common?user=1')), $before, 'back to the first');

my ($killed) = $t->workers;
$t->kill_worker($killed);
is(ids(answer('/recs/common?user=1')), $before, 'in a respawned worker')
    for 1 .. 4;

$t->stop;

# --- a budget --------------------------------------------------------------

# Equal norms: nothing but the clock ends the search early.
my ($n, $d) = (200_000, 16);
my $vectors = '';

srand 1;

for (1 .. $n) {
    my @v = map { rand() - 0.5 } 1 .. $d;
    my $norm = 0;
    $norm += $_ * $_ for @v;
    $norm = sqrt $norm;
    $vectors .= pack 'f<*', map { $_ / $norm } @v;
}

my $head = "{'descr': '<f4', 'fortran_order': False, 'shape': ($n, $d), }";
$head .= ' ' x (63 - (10 + length $head) % 64) . "\n";

$t->write('v.npy', "\x93NUMPY\x01\x00" . pack('S<', length $head) . $head
                   . $vectors);
$t->write('v.txt', join '', map { "v$_\n" } 1 .. $n);
$t->write('v.csv', "id,kind\n" . join '', map { "v$_,k" . $_ % 7 . "\n" }
                                          1 .. $n);
$t->recs('pack', '--items', $t->path('v.npy'), '--item-ids',
         $t->path('v.txt'), '--attributes', $t->path('v.csv'), '-o',
         $t->path('v.mdb'));
chmod 0644, $t->path('v.mdb');

$t->conf(<<'END', workers => 1);
http {
    %%HTTP%%

    recs_model large %%DIR%%/v.mdb;

    recs_slot short { model large; strategy similar; budget 1us; }
    recs_slot short_kind { model large; strategy similar; budget 1us;
                           filter kind k3; }
    recs_slot long { model large; strategy similar; }

    server {
        listen 127.0.0.1:%%PORT%%;
        location /recs/ { recs_api; }
        location /status { recs_status prometheus; }
    }
}
END
$t->start;

my $late = answer('/recs/short?item=v77');
is("$late->{source} $late->{reason}", 'similar over_budget',
   'out of time: the best so far');
is($late->{degraded}, JSON::PP::true, 'which is told');
is(scalar @{ $late->{items} }, 10, 'as many as asked for');
is((grep { $_->{id} !~ /^v\d+$/ || $_->{id} eq 'v77' } @{ $late->{items} }),
   0, 'valid items');
is(join(' ', map { $_->{score} } @{ $late->{items} }),
   join(' ', sort { $b <=> $a } map { $_->{score} } @{ $late->{items} }),
   'best first');

my $late_kind = answer('/recs/short_kind?item=v77');
is($late_kind->{reason}, 'over_budget', 'under a filter');
is((grep { substr($_->{id}, 1) % 7 != 3 } @{ $late_kind->{items} }), 0,
   'which holds');

my $long = answer('/recs/long?item=v77');
is($long->{reason}, undef, 'no budget, no end');
ok(!exists $long->{degraded}, 'and nothing to tell');

my $metrics = $t->get('/status')->{body};
like($metrics, qr/reason_total\{slot="short",reason="over_budget"\} 1\n/,
     'counted');
like($metrics, qr/degraded_total\{slot="short"\} 1\n/, 'as degraded');
like($metrics, qr/degraded_total\{slot="long"\} 0\n/, 'that alone');

$t->done;
