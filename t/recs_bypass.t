# recs_bypass: a bot gets the popular lists and leaves no trace.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->publish($t->bundle('a'), 'shop');

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }
    recs_slot similar { model shop; strategy similar; count 5; }
    recs_slot popular { model shop; strategy popular; count 5; }
    recs_slot nothing { model shop; strategy popular; filter category odd;
                        filter title "Item 2"; }
    recs_slot probe { model shop; strategy popular; count 1; }

    map $http_user_agent $bot { default ""; ~*bot 1; }

    recs_event_log %%DIR%%/events flush=20ms;
    recs_dedupe off;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;
        ssi on;

        recs_user $cookie_uid;
        recs_bypass $bot;

        location /recs/ { recs_api; }
        location /status { recs_status; }
        location /metrics { recs_status prometheus; }
        location /value/ { recs_bypass $arg_value; recs_api; }
        location /sub/ { recs_bypass ""; recs_api; }
        location /never/ { recs_bypass 0; recs_api; }

        location /item {
            recs_track view $arg_item;
            try_files /page.html =404;
        }
        location /filled {
            recs_fill on;
            try_files /filled.html =404;
        }
        location /probe/ {
            recs_user $recs_ids_probe;
            recs_api;
        }
        location /variable { return 200 "[$recs_user] $recs_reason_for_you"; }
    }
}
END

mkdir $t->path('www') or die;
$t->write('www/page.html', 'a page');
$t->write('www/included.html',
          '<!--# include virtual="/sub/for_you?count=2" -->');
$t->write('www/filled.html',
          '<recs-slot name="for_you"><template><i>{{id}}</i></template>'
          . '</recs-slot>');

$t->start;

my @bot = ('User-Agent' => 'AnyBot/1.0');
my @known = (Cookie => 'uid=u1');


sub ids { return join ',', map { $_->{id} } @{ $_[0]{json}{items} } }

sub status { return $t->json('/status')->{json} }

sub events {
    my $text = $t->read('events.0');
    $text =~ s/[^\n]*\z//;
    return map { decode_json($_) } split /\n/, $text;
}


# --- lists ----------------------------------------------------------------------

my $popular = ids($t->json('/recs/popular'));

for my $slot (qw(for_you similar popular)) {
    my $r = $t->json("/recs/$slot?item=i3", @known, @bot);

    is($r->{status}, 200, "$slot: a bot is answered");
    is($r->{json}{source}, 'popular', 'from the popular rung');
    is($r->{json}{reason}, 'bypassed', 'and is told why');
    is(ids($r), $popular, 'the default list');
}

my $r = $t->json('/recs/for_you', @known);
is($r->{json}{source}, 'personal', 'anybody else gets his own');
isnt(ids($r), $popular, 'list');

is($t->json('/recs/nothing', @bot)->{json}{reason}, 'exhausted',
   'another reason comes first');
is($t->get('/variable', @known, @bot)->{body}, '[] bypassed',
   'no id in a variable');

$r = $t->get('/filled', @known, @bot);
is(join(',', $r->{body} =~ m{<i>(\w+)</i>}g), $popular, 'a page is filled');
like($r->{headers}{'cache-control'}, qr/private/, 'for the bot alone');

# What the page's bot asks for through a subrequest, a bot asks for.

$r = $t->get('/included.html', @known, @bot);
like($r->{body}, qr/"reason":"bypassed"/, 'a subrequest is a bot\'s as well');
unlike($t->get('/included.html', @known)->{body}, qr/bypassed/,
       'and nobody else\'s');


# --- the value -------------------------------------------------------------------

for ([ '', 0 ], [ '0', 0 ], [ '1', 1 ], [ '00', 1 ], [ 'off', 1 ],
     [ 'no', 1 ], [ '%00', 1 ], [ 'x' x 4000, 1 ])
{
    my ($value, $is) = @$_;
    my $reason = $t->json("/value/for_you?value=$value", @known)
                   ->{json}{reason};

    is($reason, $is ? 'bypassed' : undef,
       'value "' . substr($value, 0, 8) . '"');
}

is($t->json('/never/for_you', @known, @bot)->{json}{reason}, undef,
   'a location may end it');


# --- no trace --------------------------------------------------------------------

my $before = status();

# Everything that is in the log once this person's view is.
sub events_until {
    my ($item) = @_;
    my @events;

    $t->get("/item?item=$item", @known);
    $t->wait_for("the view of $item", sub {
        @events = events();
        grep { ($_->{item} // '') eq $item } @events;
    });

    return scalar @events;
}

my $n = events_until('i1');
$t->get($_, @known, @bot) for '/recs/for_you', '/filled', '/included.html',
                              ('/item?item=i3') x 5;
is(events_until('i2') - $n, 1, 'no event of a bot, be it of what was shown');

$r = $t->get('/recs/for_you', @bot, Cookie => 'uid=u1; recs_id=x');
is($r->{headers}{'set-cookie'}, undef, 'no cookie');

sub probed {
    my ($probe) = grep { $_->{name} eq 'probe' } @{ status()->{slots} };
    return $probe->{requests};
}

$t->get('/probe/for_you', @bot);
is(probed(), 0, 'recs_user is not evaluated');
$t->get('/probe/for_you');
is(probed(), 1, 'as it is otherwise');


# --- counters --------------------------------------------------------------------

my $after = status();

is($after->{visitors}{bypassed} - $before->{visitors}{bypassed}, 10,
   'bots are counted');
is($after->{visitors}{consent_0} - $before->{visitors}{consent_0}, 0,
   'and not as visitors');
is($after->{visitors}{consent_2} - $before->{visitors}{consent_2}, 3,
   'who are counted beside');
like($t->get('/metrics')->{body},
     qr/^ngx_recs_visitors_bypassed_total $after->{visitors}{bypassed}$/m,
     'in the metrics, too');

$t->done;
