# Sessions in cookies: they move the slots, on every server that has the key,
# and what is not ours, not the visitor's, or too old is ignored and counted.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use FindBin;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my %secret = map { $_ => substr $_ x 32, 0, 32 } 1 .. 9;

my $t = RecsNginx->new;
my $twin = RecsNginx->new;

my @bundle = ($t->bundle('a', items => 40, users => 80),
              $t->bundle('b', items => 60, users => 80, seed => 7));


# Key files: the first signs, the first two are checked against.
sub keys_are {
    my (@kids) = @_;

    for my $server ($t, $twin) {
        $server->write('session.key', join '', map {
            "$_ " . unpack('H*', $secret{$_}) . "\n" } @kids);
        chmod 0600, $server->path('session.key');
    }
}


sub configure {
    my ($server, $bundle) = @_;

    mkdir $server->path('www');
    $server->write('www/page.html', 'a page');
    $server->write('www/filled.html', '<html><recs-slot name="for_you">'
        . '<template>{{id}} </template></recs-slot></html>');
    $server->publish($bundle, 'shop');

    $server->conf(<<'END', workers => 1);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }

    recs_user $cookie_uid;
    recs_event_log %%DIR%%/events flush=50ms;
    recs_session_key %%DIR%%/session.key;
    recs_session cookie ttl=30m;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        root %%DIR%%/www;

        location /recs/ { recs_api; }
        location /collect { recs_collect; }
        location /status { recs_status; }
        location /item { recs_track view $arg_item; try_files /page.html =404; }
        location /seen/ { recs_consent $arg_c; recs_api; }

        location /cached {
            expires 1h;
            recs_track view $arg_item;
            try_files /page.html =404;
        }

        location /filled {
            recs_fill on;
            default_type text/html;
            try_files /filled.html =404;
        }
    }
}
END

    return $server;
}


keys_are(1);
configure($_, $bundle[0])->start for $t, $twin;


# Of a response: its session cookie's value and attributes.
sub set_cookie {
    my ($r) = @_;

    my ($line) = grep { /^recs_session=/ }
                 split /\n/, $r->{headers}{'set-cookie'} // '';

    return defined $line ? $line =~ /^recs_session=([^;]*); (.*)/ : ();
}


sub sets_none { return !defined((set_cookie($_[0]))[0]) }


sub header {
    my ($uid, $cookie) = @_;

    return (Cookie => "uid=$uid"
                      . (defined $cookie ? "; recs_session=$cookie" : ''));
}


# Views of items; the cookie after the last.
sub click {
    my ($server, $uid, $cookie, @items) = @_;

    for my $item (@items) {
        my ($next) = set_cookie($server->get("/item?item=$item",
                                             header($uid, $cookie)));
        $cookie = $next // die "no cookie\n";
    }

    return $cookie;
}


sub answer {
    my ($server, $uid, $cookie) = @_;

    return $server->json('/recs/for_you', header($uid, $cookie))->{json};
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


# --- clicks move the slots -----------------------------------------------------

my $popular = ids(answer($t, 'new'));

my $r = $t->get('/item?item=i3', header('new'));
my ($cookie, $attributes) = set_cookie($r);

ok(defined $cookie, 'a view sets a cookie');
is($attributes, 'Max-Age=1800; Path=/; Secure; HttpOnly; SameSite=Lax',
   'which no script sees, for the whole site, for as long as it counts');
is($r->{headers}{'cache-control'}, 'private, no-store',
   'and makes the page one for this visitor alone');
ok(!defined $r->{headers}{etag}, 'without the validator that all share');

$cookie = click($t, 'new', $cookie, 'i5', 'i7');

my $after = answer($t, 'new', $cookie);
is($after->{source}, 'session', 'after three clicks the slot follows');
isnt(ids($after), $popular, 'with other items');
unlike(ids($after), qr/\bi[357]\b/, 'not those of the clicks');
is(scored($after), command_says($bundle[0], 'i7', 'i5', 'i3'),
   'what the command answers, score by score');

like($t->get('/filled', header('new', $cookie))->{body},
     qr/>\Q@{[ids($after)]}\E /, 'a page is filled with the same');

is(ids(answer($twin, 'new', $cookie)), ids($after),
   'another server with the same key answers the same');

my $longer = click($twin, 'new', $cookie, 'i9');
isnt(ids(answer($t, 'new', $longer)), ids($after), 'and goes on with it');
is(ids(answer($t, 'new', $cookie)), ids($after),
   'an older cookie of his own takes him back there');

my $trained = answer($t, 'u1');
my @own = map { $_->{id} } @{ $trained->{items} };
my $moved = answer($t, 'u1', click($t, 'u1', undef, @own[0 .. 2]));
is($moved->{source}, 'personal', 'a known visitor stays known');
isnt(ids($moved), ids($trained), 'and his slot moves, too');

# By a beacon.

$r = $t->post('/collect', header('beacon'),
              'Content-Type' => 'application/json',
              ':body' => '[{"event":"click","item":"i3"},'
                         . '{"event":"click","item":"i5"},'
                         . '{"event":"click","item":"i7"}]');
is($r->{status}, 204, 'clicks are collected');
my ($collected) = set_cookie($r);
is(ids(answer($t, 'beacon', $collected)), ids($after),
   'and leave with the answer');

$r = $t->get('/cached?item=i3', header('new'));
is($r->{headers}{'cache-control'}, 'private, no-store',
   'nobody keeps a page that sets a cookie');
ok(!defined $r->{headers}{expires}, 'whatever else was said');

ok(sets_none($t->get('/item', header('new'))), 'no item, no cookie');
ok(sets_none($t->get('/recs/for_you', header('new', $cookie))),
   'nor where nothing was touched');
ok(sets_none($t->head('/item?item=i3', header('new'))),
   'nor where nobody looked');


# --- its size ------------------------------------------------------------------

my $full;

for my $n (1 .. 30) {
    $full = click($t, 'long', $full, "i$n");
}

cmp_ok(length("recs_session=$full"), '<=', 256, 'at most 256 bytes');
is(length decode_base64url($full), 1 + 4 + 20 * 7 + 1 + 16,
   'the oldest items have dropped out of it');
is(ids(answer($t, 'long', $full)),
   ids(answer($t, 'same', click($t, 'same', undef, map { "i$_" } 11 .. 30))),
   'the last 20 count');


# --- what is ignored -------------------------------------------------------------

# A cookie by another hand.
sub make {
    my (%given) = @_;

    my $version = $given{version} // 1;
    my $id = $given{id} // 'new';
    my $kid = $given{kid} // 1;
    my $purpose = $given{purpose} // 'recs-session-1';
    my $body = pack('C V', $version, $given{expires} // time + 600)
               . ($given{items} // substr decode_base64url($cookie), 5, 21);

    my $mac = substr hmac_sha256($purpose . chr(length $id) . $id . $body,
                                 $secret{$given{secret} // $kid}), 0, 16;

    return encode_base64url($body . chr($kid) . $mac);
}


is(ids(answer($t, 'new', make())), ids($after), 'the format is documented');

for my $case (
    ['expired', expired => make(expires => time - 1)],
    ['expired long ago', expired => make(expires => 1)],
    ['another visitor\'s', forged => make(id => 'other')],
    ['signed for another use', forged => make(purpose => 'recs-token-1')],
    ['by a wrong key', forged => make(secret => 2)],
    ['by a key that is not live', unknown_key => make(kid => 2)],
    ['of another version', malformed => make(version => 2)],
    ['with half an item', malformed => make(items => 'abc')],
    ['with 21 items', malformed => make(items => 'abcdefg' x 21)],
    ['empty', malformed => ''],
    ['no base64', malformed => '"a b"'],
    ['padded', malformed => make() . '='],
    ['huge', malformed => 'A' x 3000])
{
    my ($name, $what, $value) = @$case;

    my $count = counter($what);
    my $json = answer($t, 'new', $value);

    is($json->{source}, 'popular', "a cookie $name is ignored");
    is(counter($what), $count + 1, "and counted as $what");
}

my $believed = 0;
my $counted = counter('malformed') + counter('forged')
              + counter('unknown_key');

for my $at (0 .. length($cookie) - 1) {
    my $altered = $cookie;
    substr($altered, $at, 1) = substr($altered, $at, 1) eq 'A' ? 'B' : 'A';

    $believed++ if answer($t, 'new', $altered)->{source} ne 'popular';
}

is($believed, 0, 'nor is one believed with a character altered anywhere');
is(counter('malformed') + counter('forged') + counter('unknown_key'),
   $counted + length $cookie, 'all of them are counted');

is(answer($t, 'new', "$cookie; recs_session=$longer")->{source}, 'session',
   'of two the first counts');
is(ids(answer($t, 'new', make(expires => 1) . "; recs_session=$cookie")),
   ids($after), 'that is valid');
is(answer($t, 'other', $cookie)->{source}, 'popular',
   'a cookie passed on is nobody\'s');

my ($begun) = set_cookie($t->get('/item?item=i3',
                                 header('new', make(id => 'other'))));
is(length decode_base64url($begun), 1 + 4 + 7 + 1 + 16,
   'after an ignored one a visitor begins anew');

# Items that no model knows.

my $strange = make(items => "\xff" x 140);
is(answer($t, 'new', $strange)->{source}, 'popular',
   'hashes of no item mean nothing');


# --- consent -----------------------------------------------------------------------

is($t->json('/seen/for_you?c=2', header('new', $cookie))->{json}{source},
   'session', 'at consent 2 the cookie counts');

for my $level (0, 1) {
    my $found = counter('found');

    is($t->json("/seen/for_you?c=$level",
                header('new', $cookie))->{json}{source},
       'popular', "at $level it does not");
    is(counter('found'), $found, 'nor is it looked at');
}


# --- another generation, other keys ----------------------------------------------------

$t->publish($bundle[1], 'shop');
$t->reload;

my $next = answer($t, 'new', $cookie);
is($next->{source}, 'session', 'another generation knows the items');
unlike(ids($next), qr/\bi[357]\b/, 'by their ids');
is(scored($next), command_says($bundle[1], 'i7', 'i5', 'i3'),
   'and answers as the command does');
is(ids(answer($t, 'anew', click($t, 'anew', undef, 'i3', 'i5', 'i7'))),
   ids($next), 'as if they had been clicked now');

keys_are(2, 1);
$t->reload;
is(ids(answer($t, 'new', $cookie)), ids($next), 'the former key lives on');

my $renewed = click($t, 'new', $cookie, 'i7');
is(ord substr(decode_base64url($renewed), -17, 1), 2, 'the new one signs');
is(ids(answer($t, 'new', $renewed)), ids($next), 'the same session');

keys_are(3, 2);
$t->reload;
my $unknown = counter('unknown_key');
is(answer($t, 'new', $cookie)->{source}, 'popular', 'the oldest is gone');
is(counter('unknown_key'), $unknown + 1, 'and its cookies are counted');
is(ids(answer($t, 'new', $renewed)), ids($next), 'the other lives');

$twin->stop;
$t->done;
