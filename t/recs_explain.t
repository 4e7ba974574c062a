# explain=1 and recs recommend --explain: scores are the sums of what is told,
# of all users of MovieLens; nginx tells what the command does; and nobody
# else hears of it.

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
my @models = qw(ials blend knn popularity);

$t->recs('import', '--format', 'movielens', '-o', $t->path('film.data'),
         "$data/ml-latest-small");

for my $model (@models) {
    $t->recs('train', '--model', $model, '--data', $t->path('film.data'),
             '-o', $t->path("$model.mdb"),
             $model eq 'ials' ? (qw(--set epochs=4 --rank trees --rank-set),
                                 'trees=20')
             : $model eq 'blend' ? ('--set', 'epochs=4', '--set', 'beta=0.5')
             : ());
    chmod 0644, $t->path("$model.mdb");
}


# --- ids that are markup ------------------------------------------------------

my $bad = q{</script><b a="x">&'\\};
(my $quoted = $bad) =~ s/"/""/g;

$t->write('bad.csv', join '', "user,item\n", map {
    my $u = $_;
    map { "u$u,\"$quoted" . ($_ + $u) % 7 . "\"\n" } 1 .. 5
} 1 .. 9);
$t->recs('import', '--format', 'csv', '-o', $t->path('bad.data'),
         $t->path('bad.csv'));
$t->recs('train', '--model', 'ials', '--data', $t->path('bad.data'), '-o',
         $t->path('bad.mdb'), '--set', 'factors=3');
chmod 0644, $t->path('bad.mdb');


# --- a server -----------------------------------------------------------------

$t->write('rules', "pin pinned 2 50\nboost pinned +0.5 where year < 1980\n"
          . "block pinned 1\nboost blend_like +0.5 where year < 1980\n");

my $slots = join '', map { <<"END" } @models;
    recs_model $_ %%DIR%%/$_.mdb;
    recs_slot $_ { model $_; count 10; }
    recs_slot ${_}_like { model $_; strategy similar; count 5; }
END

sub conf { return <<"END" }
http {
    %%HTTP%%

    $slots
    recs_model bad %%DIR%%/bad.mdb;
    recs_slot bad { model bad; exclude none; }
    recs_slot various { model blend; diversity 0.4; max_per genres 2;
                        filter genres Comedy Drama; }
    recs_slot pinned { model blend; count 10; }
    recs_slot ranked { model ials; count 10; rank trees; candidates 50; }

    recs_rules %%DIR%%/rules;

    recs_session_zone visitors 1m;
    recs_event_log off;

    recs_user \$arg_user;
    recs_consent \$consent;
    map \$arg_consent \$consent { "" 2; default \$arg_consent; }

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_session zone=visitors;
        recs_explain on;

        location /recs/ { recs_api; }
        location /public/ { recs_api; recs_cache_control "public, max-age=9"; }
        location /off/ { recs_explain off; recs_api; }
        location /view { recs_track view \$arg_item; return 204; }
        location /variable/ {
            recs_api;
            add_header X-Json \$recs_json_ials;
        }
        location /ssi/ { ssi on; ssi_types *; root %%DIR%%; }
    }
}
END

mkdir $t->path('ssi');
$t->write('ssi/page.json', '<!--# include virtual="/recs/ials?explain=1&'
          . 'user=42&count=1" -->');

$t->conf(conf(), workers => 1);
$t->start;

sub offline {
    my ($model, @options) = @_;

    return map { JSON::PP::decode_json($_) }
        split /\n/, $t->recs('recommend', $t->path("$model.mdb"), '--json',
                             '--explain', @options);
}

# The largest difference between a score and the sum of what it is told to be.
sub distance {
    my ($largest, $n) = (0, 0);

    for my $item (map { @{ $_->{items} } } @_) {
        my $sum = 0;

        $sum += $_->{score} for @{ $item->{explanation}{terms} };

        my $distance = abs($sum - $item->{score});
        $largest = $distance if $distance > $largest;
        $n++;
    }

    return $n > 0 ? $largest : 'nothing';
}

sub kinds {
    my %kinds;

    $kinds{$_->{term}}++
        for map { @{ $_->{explanation}{terms} } } map { @{ $_->{items} } } @_;

    return join ' ', sort keys %kinds;
}

# What both say, and the server alone does not.
sub told {
    my ($answer) = @_;

    return { items => [map { { id => $_->{id}, score => $_->{score},
                               explanation => $_->{explanation} } }
                       @{ $answer->{items} }],
             kept_out => $answer->{kept_out} };
}


# --- all users, every rung ----------------------------------------------------

$t->write('users', join '', map { "$_\n" } 1 .. 610, 'stranger');
$t->write('some', join '', map { "$_\n" } grep { $_ % 10 == 0 } 1 .. 610);

my %rungs = (
    ials => 'history others popularity', blend => 'history neighbors others '
    . 'popularity', knn => 'neighbors others popularity',
    popularity => 'popularity'
);

for my $model (@models) {
    my @users = ('--users', $t->path('some'));
    my @answers = offline($model, '--users', $t->path('users'));

    is(scalar @answers, 611, "$model: all users");
    cmp_ok(distance(@answers), '<', 1e-4, "$model: sums");
    is(kinds(@answers), $rungs{$model}, "$model: by what");

    next if $model eq 'popularity';

    cmp_ok(distance(offline($model, @users, '--items', '50,318')), '<', 1e-4,
           "$model: a short session, sums");
    cmp_ok(distance(offline($model, @users, '--items', '50,318,1,2,3,4,5',
                            '--exclude', 'none', '--diversity', '0.3')),
           '<', 1e-4, "$model: a longer session, sums");
    cmp_ok(distance(offline($model, '--items', '50,318,1,2,3,4,5', '-k',
                            1000)), '<', 1e-4, "$model: a stranger's");
    cmp_ok(distance(offline($model, '--item', 50)), '<', 1e-4,
           "$model: similar ones");
}


# --- nginx tells what the command does ----------------------------------------

for my $model (@models) {
    for my $user (1, 42, 610, 'stranger') {
        my $answer = $t->json("/recs/$model?user=$user&explain=1");

        is_deeply(told($answer->{json}),
                  told(offline($model, '--user', $user)),
                  "$model, user $user: as the command");
    }
}

is_deeply(told($t->json('/recs/ials_like?item=50&explain=1')->{json}),
          told(offline('ials', '--item', 50, '-k', 5)), 'similar ones');

my $like = $t->json('/recs/blend_like?item=50&count=50&explain=1')->{json};

cmp_ok(distance($like), '<', 1e-4, 'boosted ones');
is(kinds($like), 'boost similar', 'by what');

my @various = ('--user', 42, '--diversity', '0.4', '--max-per', 'genres=2',
               '--filter', 'genres=Comedy|Drama');
my $various = $t->json('/recs/various?user=42&explain=1')->{json};

is_deeply(told($various), told(offline('blend', @various)), 'a slate');
is(join(' ', map { $_->{rule} } @{ $various->{items}[1]{explanation}{rules} }),
   'diversity max_per', 'what moved its second item');
is(join(' ', map { $_->{rule} } @{ $various->{kept_out} }), 'seen filter',
   'what was kept out of it');

my @ranked = qw(--rank trees --candidates 50);
my $ranked = $t->json('/recs/ranked?user=42&explain=1')->{json};

is_deeply(told($ranked), told(offline('ials', '--user', 42, @ranked)),
          'a ranking');
is(kinds($ranked), 'base feature others', 'by what');
is((grep { $_->{explanation}{retrieval}{terms}[0]{term} eq 'history' }
    @{ $ranked->{items} }), 10, 'what its items were found by');
cmp_ok(distance(offline('ials', '--users', $t->path('users'), @ranked)), '<',
       1e-4, 'rankings of all users, sums');

my $pinned = $t->json('/recs/pinned?user=42&explain=1')->{json};
my ($boosted) = grep { $_->{term} eq 'boost' }
    map { @{ $_->{explanation}{terms} } } @{ $pinned->{items} };

is_deeply(told($pinned),
          told(offline('blend', '--user', 42, '--rules', $t->path('rules'),
                       '--slot', 'pinned')), 'rules');
is_deeply($pinned->{items}[1]{explanation},
          { terms => [], rules => [{ rule => 'pin' }] }, 'a pin');
ok($boosted && $boosted->{score} > 0, 'a boost');
cmp_ok(distance($pinned), '<', 1e-4, 'boosts are in the sums');
is_deeply([grep { $_->{rule} eq 'block' } @{ $pinned->{kept_out} }],
          [{ rule => 'block', items => 1 }], 'a block');

$t->get("/view?user=$_->[0]&item=$_->[1]")
    for (['42', 318], ['42', 50], ['new', 1], ['new', 2], ['new', 3],
         ['new', 4], ['new', 5]);

is_deeply(told($t->json('/recs/blend?user=42&explain=1')->{json}),
          told(offline('blend', '--user', 42, '--items', '50,318')),
          'a session beside a history');
is_deeply(told($t->json('/recs/ials?user=new&explain=1')->{json}),
          told(offline('ials', '--items', '5,4,3,2,1')),
          "a stranger's session");

my $text = $t->recs('recommend', $t->path('ials.mdb'), '--items', '50,318',
                    '-k', 1, '--explain');

like($text, qr/^session\n +1 .*\n(?: +[+-]\S+ +session +\d+  .*\n){2}/,
     'for people');
like($text, qr/^ +kept out: seen 2$/m, 'and what was kept out');


# --- ids are escaped ----------------------------------------------------------

my $raw = $t->get('/recs/bad?user=u1&explain=1')->{body};

like($raw, qr/"explanation":\{"terms":\[\{"term":"history","item":"/,
     'ids that are markup');
unlike($raw, qr/[<>&']/, 'are escaped');
is_deeply(told(JSON::PP::decode_json($raw)),
          told(offline('bad', '--user', 'u1', '--exclude', 'none')),
          'and the same');


# --- to the visitor alone -----------------------------------------------------

my $public = $t->json('/public/ials?user=42&explain=1');

ok($public->{json}{items}[0]{explanation}, 'a cache is allowed');
is($public->{headers}{'cache-control'}, 'private, no-store',
   'but not of explanations');
is($t->json('/public/ials?user=42')->{headers}{'cache-control'},
   'public, max-age=9', 'of answers alone it is');

my @denied = map { my $q = $_; map { "$q&explain=1&consent=$_" } 0, 1, 'x' }
    'ials?user=42', 'popularity?user=42', 'ials_like?item=50';

for my $path (map { "/recs/$_" } 'ials?user=42', 'ials?user=42&explain=0',
              @denied)
{
    unlike($t->get($path)->{body}, qr/explanation|kept_out/, "not: $path");
}

unlike($t->get("/off/ials?user=42&explain=$_")->{body}, qr/explanation|error/,
       "off: explain=$_ is no parameter") for (0, 1, 'x', '1&explain=1');

for my $value ('', 'x', '2', '01') {
    my $refused = $t->json("/recs/ials?explain=$value");

    is($refused->{status}, 400, "explain=$value");
    like($refused->{json}{error}, qr/"explain": 0 or 1/, 'the message');
}

is($t->json('/recs/ials?explain=1&explain=1')->{status}, 400, 'twice');

unlike($t->get('/ssi/page.json')->{body}, qr/explanation/, 'not included');
like($t->get('/ssi/page.json')->{body}, qr/"items":\[\{/, 'but the answer');

my $variable = $t->get('/variable/ials?user=42&explain=1');

like($variable->{body}, qr/explanation/, 'the response has it');
unlike($variable->{headers}{'x-json'}, qr/explanation/, 'the variable not');
like($variable->{headers}{'x-json'}, qr/"slot":"ials"/, 'that says the rest');


# --- nginx -t -----------------------------------------------------------------

$t->expect(qr/\[emerg\].*recs_explain/);
(my $wrong = conf()) =~ s/recs_explain on;/recs_explain maybe;/;
$t->conf($wrong);
my ($status, $output) = $t->test;
isnt($status, 0, 'recs_explain maybe');
like($output, qr/invalid value "maybe" in "recs_explain" directive/,
     'is refused');

$t->done;
