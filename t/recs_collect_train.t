# The loop through the browser: a model is trained on the clicks that nginx
# took, and whoever sends clicks without having been shown an item trains
# nothing.

use strict;
use warnings;

use File::Compare qw(compare);
use FindBin;
use JSON::PP qw(decode_json encode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $generation = $t->publish($t->bundle('a'), 'shop');
$t->write('keys', '1 ' . '6b657920' x 8 . "\n");
chmod 0640, $t->path('keys') or die;

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }
    recs_token_key %%DIR%%/keys;
    recs_user $cookie_uid;
    recs_event_log %%DIR%%/events flush=50ms;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
        location = /event { recs_collect; }
        location = /status { recs_status; }
    }
}
END

$t->start;


sub counted { return $t->json('/status')->{json}{events}{$_[0]} }


# What the user is shown: items with their tokens.
sub shown {
    my ($user) = @_;

    return @{ $t->json('/recs/for_you', Cookie => "uid=$user")
                ->{json}{items} };
}


sub report {
    my ($user, @events) = @_;

    return $t->post('/event', 'Content-Type' => 'text/plain',
                    Cookie => "uid=$user", ':body' => encode_json(\@events))
             ->{status};
}


sub click {
    my ($item, %more) = @_;

    return { event => 'click', item => $item->{id}, token => $item->{token},
             %more };
}


# --- clicks on what was shown -------------------------------------------------------

my %of;
my ($n, $failed) = (0, 0);

for my $u (1 .. 40) {
    my @items = shown("u$u");
    $of{"u$u"} = \@items;

    for my $place (0 .. 2) {
        my $event = click($items[$place], id => "e-$u-$place");
        $failed += report("u$u", $event, $event) != 204;    # sent twice
        $n++;
    }
}

is($failed, 0, 'clicks of 40 users');
is(counted('collected'), $n, 'each is taken once');
is(counted('unverified'), 0, 'all are verified');


# --- clicks on what was not ----------------------------------------------------------

my $shown = $of{u1}[0];
my ($elsewhere) = grep { $_->{id} ne $shown->{id} } @{ $of{u2} };
my $changed = $shown->{token};
substr($changed, -1) = substr($changed, -1) eq 'A' ? 'B' : 'A';

my @forged = (
    ['no token', 'u1', { event => 'click', item => 'evil' }],
    ['a token that is none', 'u1',
     { event => 'click', item => 'evil', token => 'x' x 120 }],
    ['the token of another item', 'u1',
     { event => 'click', item => 'evil', token => $shown->{token} }],
    ['the token of another visitor', 'u1', click($elsewhere)],
    ['a token that was changed', 'u1',
     click({ id => $shown->{id}, token => $changed })],
    ['verified, it says', 'u1',
     { event => 'click', item => 'evil', verified => JSON::PP::true,
       user => 'u2', slot => 'for_you', generation => 'x' }],
    ['the id of an event of another', 'u9',
     { event => 'click', item => 'evil', id => 'e-1-0x' }],
);

for my $case (@forged) {
    my ($name, $user, $event) = @$case;
    my $before = counted('unverified');

    is(report($user, $event), 204, $name);
    is(counted('unverified'), $before + 1, 'is not verified');
}

for my $u (1 .. 30) {
    $failed += report("forger$u", map {
        { event => 'purchase', item => 'evil', value => 1e6 }
    } 1 .. 64) != 204;
}

is($failed, 0, 'a thousand purchases of forgers');


# --- what it trains ----------------------------------------------------------------

$t->stop;

my @lines = grep { decode_json($_)->{event} ne 'exposure' }
            map { split /\n/, $t->read("events.$_") } 0, 1;
my @honest = grep { decode_json($_)->{verified} } @lines;
is(scalar @honest, $n, "$n events are verified, in the log");
is(scalar @lines, $n + @forged + 30 * 64, 'beside all the others');

my ($event) = grep { $_->{id} eq 'e-1-0' } map { decode_json($_) } @honest;
is_deeply([@$event{qw(slot rank generation propensity)}],
          ['for_you', 1, $generation, 1],
          'with slot, rank, generation and propensity');

$t->write('all', join '', map { "$_\n" } @lines);
$t->write('honest', join '', map { "$_\n" } @honest);


sub trained {
    my ($name, @options) = @_;

    my $report = decode_json($t->recs('import', '--format', 'events', '--json',
        '--quiet', @options, '-o', $t->path("$name.data"), $t->path($name)));

    for my $model (qw(popularity ials)) {
        $t->recs('train', '--quiet', '--model', $model,
                 ($model eq 'ials' ? ('--set', 'factors=4')
                                   : ('--set', 'half_life_days=0')),
                 '--data', $t->path("$name.data"),
                 '-o', $t->path("$name.$model.mdb"));
    }

    return $report;
}


sub answers {
    my ($name) = @_;

    return join "\n", map {
        my $model = $_;
        map {
            $t->recs('recommend', $t->path("$name.$model.mdb"), '--user',
                     "u$_", '-k', 10, '--json')
        } 1 .. 40
    } qw(popularity ials);
}


my $report = trained('all');
is($report->{kept}, $n, 'the import takes what is verified');
is($report->{reasons}{'event without a valid token'}, @forged + 30 * 64,
   'and says how much it leaves out');

trained('honest');
is(compare($t->path('all.data'), $t->path('honest.data')), 0,
   'the dataset is, byte by byte, that of the honest');
is(answers('all'), answers('honest'), 'and so is what the models say');
unlike(answers('all'), qr/evil/, 'nothing of what was forged');

$report = trained('all', '--unverified');
is($report->{kept}, scalar @lines, '--unverified takes all');
like($t->recs('recommend', $t->path('all.popularity.mdb'), '--user', 'u20',
              '-k', 3, '--json'), qr/evil/, 'which the forgers like');

$t->done;
