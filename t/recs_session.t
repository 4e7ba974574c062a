# Sessions in shared memory: clicks move the slots of the next page, for known
# and unknown visitors, before and after a reload to another generation.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

# The second generation numbers its items otherwise, and has more of them.
my @bundle = ($t->bundle('a', items => 40, users => 80),
              $t->bundle('b', items => 60, users => 80, seed => 7));

$t->publish($bundle[0], 'shop');


sub configure {
    my (%options) = @_;

    my $zone = $options{zone} // 'visitors 1m items=5 ttl=1h';
    my $session = $options{session} // 'zone=visitors';
    my $extra = $options{extra} // '';

    $t->conf(<<"END", workers => $options{workers} // 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }
    recs_slot best { model shop; strategy popular; count 5; }

    recs_session_zone $zone;
    recs_user \$cookie_uid;
    recs_event_log off;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        root %%DIR%%/www;

        recs_session $session;

        location /recs/ { recs_api; }
        location /status { recs_status; }
        location /metrics { recs_status prometheus; }

        location /item {
            recs_track view \$arg_item;
            recs_track purchase \$arg_bought;
            try_files /page.html =404;
        }

        location /filled {
            recs_track view \$arg_item;
            recs_fill on;
            default_type text/html;
            try_files /filled.html =404;
        }

        location /unsessioned {
            recs_session off;
            recs_fill on;
            default_type text/html;
            try_files /filled.html =404;
        }

        location /gone { recs_track view \$arg_item; return 404; }
        location /off { recs_session off; recs_api; }

        location /asked/ {
            recs_consent \$arg_consent;
            rewrite ^/asked/item /asked-item last;
            rewrite ^/asked/(.*) /asked-recs/\$1 last;
        }
        location /asked-recs/ { recs_consent \$arg_consent; recs_api; }
        location /asked-item {
            recs_consent \$arg_consent;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        location /bot/item {
            recs_bypass 1;
            recs_track view \$arg_item;
            try_files /page.html =404;
        }

        $extra
    }
}
END
}


sub visit {
    my ($uid, $uri) = @_;

    return $t->get($uri, Cookie => "uid=$uid");
}


# Views of items, one after the other.
sub click {
    my ($uid, @items) = @_;

    for my $item (@items) {
        my $r = visit($uid, "/item?item=$item");
        die "click: $r->{status}\n" if $r->{status} != 200;
    }
}


sub answer {
    my ($uid, $uri) = @_;

    my $r = $t->json($uri // '/recs/for_you', Cookie => "uid=$uid");

    return $r->{json};
}


# Ids and scores.
sub scored {
    return join ' ', map { "$_->{id}=$_->{score}" } @{ $_[0]{items} };
}


# The command's answer to who has touched these items, the last first.
sub command_says {
    my ($bundle, @items) = @_;

    return scored(decode_json($t->recs('recommend', $bundle, '--json', '-k',
                                       5, '--items', join ',', @items)));
}


sub ids { return join ' ', map { $_->{id} } @{ $_[0]{items} } }


sub counter {
    my ($name) = @_;

    return $t->json('/status')->{json}{sessions}{$name};
}


mkdir $t->path('www') or die;
$t->write('www/page.html', 'a page');
$t->write('www/filled.html', '<html><recs-slot name="for_you"><template>'
                             . '{{id}} </template></recs-slot></html>');
configure();
$t->start;


# --- an unknown visitor --------------------------------------------------------

my $before = answer('new');

is($before->{source}, 'popular', 'an unknown visitor gets what is popular');
is($before->{reason}, 'unknown_user', 'because he is unknown');

click('new', 'i3', 'i5', 'i7');

my $after = answer('new');

is($after->{source}, 'session', 'after three clicks he has a session');
isnt(ids($after), ids($before), 'and other items');
unlike(ids($after), qr/\bi[357]\b/, 'not those he has seen');
is(scored($after), command_says($bundle[0], 'i7', 'i5', 'i3'),
   'what the command answers, score by score');
is(ids(answer('new')), ids($after), 'the same from every worker')
    for 1 .. 8;

click('other', 'i2', 'i4', 'i8');
isnt(ids(answer('other')), ids($after), 'another visitor has his own');
is(ids(answer('new')), ids($after), 'and nobody else gets them');

like(visit('new', '/filled')->{body}, qr/>\Q@{[ids($after)]}\E /,
     'a page is filled with the same');
is(answer('new', '/off/for_you')->{source}, 'popular',
   'where sessions are off there is none');

# The page itself sees the session as it was before.

my $own = visit('page', '/filled?item=i9')->{body};
is(answer('page')->{source}, 'session', 'a view counts from the next page on');
is(visit('nobody', '/unsessioned?item=i9')->{body}, $own, 'not on its own');


# --- a known one ---------------------------------------------------------------

my $trained = answer('u1');
is($trained->{source}, 'personal', 'a known visitor has a vector');

my @unseen = map { $_->{id} } @{ $trained->{items} };
click('u1', @unseen[0 .. 2]);

my $moved = answer('u1');
is($moved->{source}, 'personal', 'still, after clicks');
isnt(ids($moved), ids($trained), 'but other items');
unlike(ids($moved), qr/\b(?:$unseen[0]|$unseen[1]|$unseen[2])\b/,
       'not those of the clicks');


# --- what is no view ------------------------------------------------------------

visit('never', '/gone?item=i1');
visit('never', '/item');
visit('never', '/item?item=' . 'x' x 200);
visit('never', '/item?bought=i4');
$t->head('/item?item=i3', Cookie => 'uid=never');
visit('never', '/bot/item?item=i3');
$t->get('/item?item=i3', Cookie => 'uid=never', Range => 'bytes=0-1');
is(answer('never')->{source}, 'popular', 'whatever is no view leaves none');

visit('escaped', '/item?item=%69%33');
is(answer('escaped')->{source}, 'session', 'ids are percent-decoded');

click('unknown', 'x1', 'x2', 'x3');
is(answer('unknown')->{source}, 'popular', 'items of no model mean nothing');
click('unknown', 'i3');
is(answer('unknown')->{source}, 'session', 'beside one that does');


# --- consent --------------------------------------------------------------------

visit('asked', "/asked/item?consent=$_&item=i3") for 0, 1, 'x';
is(answer('asked', '/asked/for_you?consent=2')->{source}, 'popular',
   'below consent 2 nothing is remembered');
visit('asked', '/asked/item?consent=2&item=i3');
is(answer('asked', '/asked/for_you?consent=2')->{source}, 'session',
   'at 2 it is');

for my $level (0, 1) {
    my $json = answer('asked', "/asked/for_you?consent=$level");

    is($json->{source}, 'popular', "at $level nothing is made of it");
    is($json->{reason}, 'no_consent', 'for want of consent');
}


# --- five items at most -----------------------------------------------------------

click('many', map { "i$_" } 11, 12, 13, 1, 2, 3, 4, 6);
click('few', map { "i$_" } 1, 2, 3, 4, 6);
is(ids(answer('many')), ids(answer('few')), 'the oldest items make way');

# --- reloads ----------------------------------------------------------------------

my $added = counter('added');

$t->reload;
is(ids(answer('new')), ids($after), 'a reload keeps sessions');

$t->publish($bundle[1], 'shop');
$t->reload;

my $next = answer('new');
is($next->{source}, 'session', 'another generation knows the items');
unlike(ids($next), qr/\bi[357]\b/, 'by their ids');

is(scored($next), command_says($bundle[1], 'i7', 'i5', 'i3'),
   'and answers as the command does');

click('fresh', 'i3', 'i5', 'i7');
is(ids(answer('fresh')), ids($next), 'as if they had been clicked now');

is(counter('added'), $added + 3, 'every click is counted once');
is(counter('evicted'), 0, 'nobody had to go');
is(counter('torn'), 0, 'no record was half written');
is(counter('busy'), 0, 'no update was given up');
cmp_ok(counter('found'), '>', 10, 'look-ups are counted');

like($t->get('/metrics')->{body}, qr/^ngx_recs_sessions_added_total \d+$/m,
     'for Prometheus, too');

my $status = $t->get('/status')->{body};
unlike($status . $t->get('/metrics')->{body}, qr/fresh|uid/,
       'no id is in the status');

# Another ttl keeps them, another number of items is refused, another size
# begins with none.

configure(zone => 'visitors 1m items=5 ttl=2h');
$t->reload;
is(answer('new')->{source}, 'session', 'another ttl keeps sessions');

configure(zone => 'visitors 1m items=6');
like($t->reload_fails(qr/zone "visitors" has/),
     qr/sessions of another number of items: change its size/,
     'another number of items is refused');
is(answer('new')->{source}, 'session', 'and the old one serves on');

configure(zone => 'visitors 2m items=6');
$t->reload;
is(answer('new')->{source}, 'popular', 'another size begins with none');

click('new', 'i3');
is(answer('new')->{source}, 'session', 'and works');


# --- ten times what it holds ------------------------------------------------------

configure(zone => 'small 64k items=20', session => 'zone=small');
$t->reload;

my $failed = 0;

for my $n (1 .. 1500) {
    $failed++ if visit("crowd$n", '/item?item=i' . (1 + $n % 40))->{status}
                 != 200;
}

is($failed, 0, 'a full zone fails nobody');
cmp_ok(counter('evicted'), '>', 1000, 'the oldest go');
is(answer('crowd1500')->{source}, 'session', 'the last one is there');
is(answer('crowd1')->{source}, 'popular', 'the first one is gone');


# --- what is no configuration -----------------------------------------------------

for my $case (
    [zone => 'visitors', qr/invalid number of arguments/],
    [zone => 'visitors 1m items=0', qr/invalid number of items "items=0"/],
    [zone => 'visitors 1m items=65', qr/invalid number of items/],
    [zone => 'visitors 1m ttl=0', qr/invalid parameter "ttl=0"/],
    [zone => 'visitors 1m ttl=soon', qr/invalid parameter "ttl=soon"/],
    [zone => 'visitors 1m size=3', qr/invalid parameter "size=3"/],
    [zone => 'visitors 1k', qr/invalid zone size "1k"/],
    [zone => 'visitors much', qr/invalid zone size "much"/],
    [zone => 'Visitors 1m', qr/invalid zone name "Visitors"/],
    [zone => 'visitors 1m; recs_session_zone visitors 1m',
     qr/is duplicate/],
    [zone => 'ngx_recs 1m', qr/"ngx_recs" is already/],
    [session => 'zone=nowhere', qr/zero size shared memory zone "nowhere"/],
    [session => 'zone=', qr/invalid value "zone="/],
    [session => 'zone=visitors ttl=1h', qr/invalid value "zone=visitors"/],
    [session => 'off ttl=1h', qr/invalid value "off"/],
    [session => 'yes', qr/invalid value "yes"/],
    [session => 'off; recs_session off', qr/is duplicate/],
    [session => 'cookie', qr/needs a recs_session_key/],
    [session => 'cookie ttl=0', qr/invalid parameter "ttl=0"/],
    [session => 'cookie ttl=400d', qr/invalid parameter "ttl=400d"/],
    [session => 'cookie 1h', qr/invalid parameter "1h"/])
{
    my ($what, $value, $message) = @$case;

    configure($what => $value);
    $t->refused("recs_session_$what $value", $message);
}

$t->done;
