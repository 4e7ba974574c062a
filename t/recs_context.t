# recs_context: what nginx logged in two countries trains a model that shows each
# its own list, and the global one where it knows nothing.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->publish($t->bundle('a'), 'shop');
mkdir $t->path('www') or die;
$t->write('www/page.html', 'a page');


sub configure {
    my ($extra) = @_;

    $extra //= '';

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 6; }
    recs_slot for_you { model shop; count 6; }

    recs_user \$cookie_uid;
    recs_consent \$http_x_consent;
    recs_bypass \$http_x_bot;
    recs_event_log %%DIR%%/events flush=50ms;
    recs_context country \$http_x_country;
    recs_context device \$http_x_device;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        location /recs/ { recs_event_log off; recs_api; }
        location /shown/ { recs_api; }
        location /collect { recs_collect; }

        location /other/ {
            recs_event_log off;
            recs_context hour 9;
            recs_api;
        }

        location /mixed/ {
            recs_event_log off;
            recs_context hour \$recs_ids_best;
            recs_api;
        }

        location /item {
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        $extra
    }
}
END
}


sub events {
    my $text = $t->read('events.0');
    $text =~ s/[^\n]*\z//;

    return map { decode_json($_) } split /\n/, $text;
}


sub logged {
    my ($n) = @_;

    $t->wait_for("$n events", sub { events() >= $n });
    my @events = events();
    is(scalar(@events), $n, "$n events");

    return @events;
}


sub view {
    my ($item, $user, @headers) = @_;

    return $t->get("/item?item=$item", Cookie => "uid=$user",
                   'X-Consent' => 2, @headers);
}


sub ids {
    my ($uri, @headers) = @_;

    return join ' ', map { $_->{id} }
        @{ $t->json($uri, @headers)->{json}{items} };
}


# --- the configuration ---------------------------------------------------------

for my $case (['recs_context Country x;', qr/invalid context name "Country"/],
              ['recs_context country a; recs_context country b;',
               qr/has this name already/],
              [join(' ', map { "recs_context c$_ x;" } 1 .. 9),
               qr/more than 8 times/],
              ['recs_context country;', qr/invalid number of arguments/],
              ['recs_context country $nothing_;', qr/unknown "nothing_"/])
{
    configure("location /bad { $case->[0] }");
    $t->refused(@$case);
}

configure('location /all { ' . join(' ', map { "recs_context c$_ x;" } 1 .. 8)
          . ' recs_track view $arg_item; try_files /page.html =404; }');
$t->start;


# --- what is logged ------------------------------------------------------------

view('i1', 'u1', 'X-Country' => 'de', 'X-Device' => 'phone');
view('i1', 'u1', 'X-Country' => 'd|e', 'X-Device' => 'x' x 65);
view('i1', 'u1', 'X-Country' => 'a=b', 'X-Device' => 'x' x 64);
view('i1', 'u1', 'X-Country' => 'q"\\');
view('i1', 'u1', 'X-Country' => "\xff");
$t->get('/item?item=i1', Cookie => 'uid=u1', 'X-Consent' => 0,
        'X-Country' => 'de');
$t->get('/all?item=i1', 'X-Consent' => 2);

my @events = logged(7);

is_deeply($events[0]{context}, { country => 'de', device => 'phone' },
          'name and value');
ok(!exists $events[1]{context}, 'a "|", and 65 bytes: left out');
is_deeply($events[2]{context}, { device => 'x' x 64 }, '64 bytes, and a "="');
is_deeply($events[3]{context}, { country => 'q"\\' }, 'escaped');
ok(!exists $events[4]{context}, 'no UTF-8');
is_deeply($events[5]{context}, { country => 'de' }, 'without consent, too');
ok(!exists $events[5]{user}, 'but no id');
is(scalar(keys %{ $events[6]{context} }), 8, 'eight, of the location alone');

$t->get('/shown/best', 'X-Consent' => 2, 'X-Country' => 'de');
@events = logged(8);
is($events[7]{event}, 'exposure', 'an exposure');
is_deeply($events[7]{context}, { country => 'de' }, 'has it');

$t->get('/collect?event=click&item=i2', 'X-Consent' => 2, 'X-Country' => 'fr',
        Cookie => 'uid=u1');
@events = logged(9);
is($events[8]{event}, 'click', "a browser's event");
is_deeply($events[8]{context}, { country => 'fr' }, 'has it');

my $global = ids('/recs/best');
is(ids('/recs/best', 'X-Country' => 'de'), $global,
   'a model without contexts knows one list');


# --- and trains ----------------------------------------------------------------

# Visitors of nowhere make c1 and c2 the first everywhere.

my $n = 9;

sub crowd {
    my ($prefix, $n_users, $item, @headers) = @_;

    for my $user (1 .. $n_users) {
        view($item, "$prefix$user", @headers);
        $n++;
    }
}

crowd('n', 75, 'c1');
crowd('n', 74, 'c2');
crowd('d', 60, 'd1', 'X-Country' => 'de');
crowd('d', 50, 'd2', 'X-Country' => 'de', 'X-Device' => 'phone');
crowd('d', 40, 'd3', 'X-Country' => 'de');
crowd('f', 59, 'f1', 'X-Country' => 'fr');
crowd('f', 49, 'f2', 'X-Country' => 'fr', 'X-Device' => 'phone');
crowd('i', 9, 'x1', 'X-Country' => 'it');
logged($n);

$t->recs('import', '--format', 'events', '-o', $t->path('data'),
         $t->path('events.0'));
$t->recs('train', '--model', 'popularity', '--data', $t->path('data'), '-o',
         $t->path('next.mdb'));
$t->publish($t->path('next.mdb'), 'shop');
$t->reload;

my $inspect = decode_json($t->recs('inspect', $t->path('next.mdb'), '--json'));
is_deeply([map { $_->{name} } @{ $inspect->{segments} }],
          [qw(country=de country=fr device=phone)],
          'nine visitors are not a segment');
is($inspect->{segments}[0]{users}, 60, 'of sixty users');

is(ids('/recs/best'), 'c1 c2 d1 f1 d2 f2', 'everywhere');
is(ids('/recs/best', 'X-Country' => 'de'), 'd1 d2 d3 c1 c2 f1', 'in de');
is(ids('/recs/best', 'X-Country' => 'fr'), 'f1 f2 c1 c2 d1 d2', 'in fr');
is(ids('/recs/best', 'X-Country' => 'it'), 'c1 c2 d1 f1 d2 f2',
   'a thin one: as everywhere');
is(ids('/recs/best', 'X-Country' => 'zz'), 'c1 c2 d1 f1 d2 f2',
   'an unknown one, too');
is(ids('/recs/best', 'X-Country' => 'd|e'), 'c1 c2 d1 f1 d2 f2',
   'and what is none');
is(ids('/recs/best', 'X-Device' => 'phone', 'X-Country' => 'fr'),
   'f2 f1 d2 c1 c2 d1', 'two contexts');
is(ids('/other/best', 'X-Country' => 'de'), 'c1 c2 d1 f1 d2 f2',
   'a location with a context of its own');
is(ids('/recs/best', 'X-Country' => 'de', 'X-Bot' => 1), 'c1 c2 d1 f1 d2 f2',
   'bots: everywhere');
is(ids('/recs/best?exclude=d1', 'X-Country' => 'de'), 'd2 d3 c1 c2 f1 f2',
   'excluded');
is(ids('/recs/for_you', 'X-Country' => 'de', 'X-Consent' => 0),
   'd1 d2 d3 c1 c2 f1', 'no consent is needed');

my %best = map { $_ => 1 } split / /, ids('/recs/best');
is_deeply([grep { $best{$_} } split / /, ids('/mixed/for_you')], [],
          "a context that is another slot's answer: it is on this page");

my $json = $t->json('/recs/best', 'X-Country' => 'fr',
                    'X-Device' => 'phone')->{json};
my $offline = decode_json($t->recs('recommend', $t->path('next.mdb'),
    qw(--strategy popular -k 6 --json --context country=fr
       --context device=phone)));

is_deeply([map { "$_->{id} $_->{score}" } @{ $json->{items} }],
          [map { "$_->{id} $_->{score}" } @{ $offline->{items} }],
          'the command says the same, and the scores');

my ($status, $output) = $t->run($t->{recs}, 'recommend', $t->path('next.mdb'),
                                qw(--strategy popular -k 2 --context
                                   country=it));
is($status, 0, 'a thin one offline');
like($output, qr/nothing is known of country=it/, 'is told');

for my $bad ('country', 'Country=de', 'country=', 'country=d|e') {
    ($status, $output) = $t->run($t->{recs}, 'recommend',
                                 $t->path('next.mdb'),
                                 qw(--strategy popular --context), $bad);
    is($status, 2, "--context $bad is refused");
}

$t->recs('export', $t->path('next.mdb'), '-o', $t->path('arrays'));
my %segments = map { $_->{segment} => $_ } map { decode_json($_) }
    split /\n/, $t->read('arrays/segments.jsonl');
is_deeply([sort @{ $segments{'country=de'}{items} }], [qw(d1 d2 d3)],
          'exported');
is(scalar(@{ $segments{'country=fr'}{boosts} }), 2, 'with boosts');

$t->done;
