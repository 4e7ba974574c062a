# recs_collect: what clients may say, and from where; what is never taken from
# them; what is refused, and what that costs.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json encode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->conf(<<'END');
http {
    %%HTTP%%

    map $arg_as $bot { default ""; }

    recs_user $cookie_uid;
    recs_consent $http_x_consent;
    recs_event_log %%DIR%%/events flush=20ms;

    limit_req_zone $binary_remote_addr zone=beacons:1m rate=1r/m;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        client_body_timeout 1s;

        location = /event { recs_collect; }

        location = /shop {
            recs_collect;
            recs_collect_origin https://Shop.example http://localhost:8081;
        }

        location = /any {
            recs_collect;
            recs_collect_origin any;
        }

        location = /small {
            client_max_body_size 100;
            recs_collect;
        }

        location = /off {
            recs_event_log off;
            recs_collect;
        }

        location = /limited {
            limit_req zone=beacons burst=2 nodelay;
            limit_req_status 429;
            recs_collect;
        }

        location /status { recs_status; }
    }
}
END

$t->start;

my @JSON = ('Content-Type' => 'application/json', 'X-Consent' => 2);
my $n_logged = 0;


sub counted { return $t->json('/status')->{json}{events}{$_[0]} }


sub event { return encode_json({ event => 'click', item => 'i1', @_ }) }


# The events that were logged since the last call: n of them.
sub logged {
    my ($n) = @_;

    my @lines;

    $t->wait_for("$n more events", sub {
        my $text = $t->read('events.0');
        $text =~ s/[^\n]*\z//;
        @lines = split /\n/, $text;
        return @lines >= $n_logged + $n;
    });

    my @new = map { decode_json($_) } @lines[$n_logged .. $#lines];
    $n_logged = @lines;
    is(scalar @new, $n, "$n more events");

    return @new;
}


# --- what is taken --------------------------------------------------------------

my $r = $t->post('/event', @JSON, Cookie => 'uid=u1', ':body' => event());
is($r->{status}, 204, 'an event');
is($r->{body}, '', 'and no more to say');
is($r->{headers}{'content-type'}, undef, 'of no type');
is($r->{headers}{'cache-control'}, 'private, no-store', 'for nobody to keep');

my ($event) = logged(1);
is("$event->{event} $event->{item} $event->{user}", 'click i1 u1',
   'the event, and who it was');
is($event->{verified}, JSON::PP::false, 'without a token: not verified');
like($event->{id}, qr/^\d+-\d+-0-0$/, 'without an id: ours');

# Who, when, where, by which model: not for a client to say.
$t->post('/event', @JSON, Cookie => 'uid=u1', ':body' => event(
    user => 'u2', ts => 1, boot => 'b', worker => 9, seq => 99, slot => 's',
    rank => 1, experiment => 'x', variant => 'v', generation => 'g',
    propensity => 1, verified => JSON::PP::true, forced => JSON::PP::true,
    items => [{ id => 'i2' }], value => 19.99, id => 'own', token => 'forged'));
($event) = logged(1);
is_deeply([sort keys %$event],
          [qw(boot event id item seq ts user value verified worker)],
          'nothing else is taken');
is("$event->{user} $event->{id} $event->{value}", 'u1 own 19.99', 'but these');
is($event->{verified}, JSON::PP::false, 'a forged token verifies nothing');
cmp_ok($event->{ts}, '>', 1.7e12, 'our time');
is($event->{seq}, 1, 'our number');

for my $type ('text/plain;charset=UTF-8', 'application/json; charset=utf-8',
              'TEXT/PLAIN')
{
    $r = $t->post('/event', 'Content-Type' => $type, ':body' => event());
    is($r->{status}, 204, $type);
}

is($t->post('/event', ':body' => event())->{status}, 204, 'no type');

$r = $t->post('/event', 'Content-Type' => 'application/x-www-form-urlencoded',
              ':body' => event());
is($r->{status}, 415, 'another type');
logged(4);

$r = $t->post('/event', @JSON, ':body' => '[' . join(',',
              map { event(item => "a\"$_\\") } 1 .. 64) . ']');
is($r->{status}, 204, '64 at once');
my @events = logged(64);
is($events[63]{item}, 'a"64\\', 'escaped as JSON is');
is_deeply([map { $_->{seq} } @events], [6 .. 69], 'numbered');

$r = $t->get('/event?event=view&item=%C3%A9%20%22&value=2&id=p1&user=u9',
             'X-Consent' => 2, Cookie => 'uid=u3');
is($r->{status}, 204, 'the pixel');
is($r->{headers}{'cache-control'}, 'private, no-store', 'never from a cache');
($event) = logged(1);
is("$event->{event} $event->{item} $event->{value} $event->{user}",
   "view \x{e9} \" 2 u3", 'the same event');

$r = $t->post('/event', @JSON, 'Transfer-Encoding' => 'chunked',
              Expect => '100-continue', Cookie => 'uid=u1');
is($r->{status}, 100, 'a body that is waited for') or diag($r->{raw});


# --- whole bodies, however they come ------------------------------------------------

sub chunked {
    my ($body, $size) = @_;

    my $text = '';

    for (my $i = 0; $i < length $body; $i += $size) {
        my $part = substr $body, $i, $size;
        $text .= sprintf("%x\r\n%s\r\n", length $part, $part);
    }

    return "${text}0\r\n\r\n";
}

sub send_chunked {
    my ($body, $size) = @_;

    return $t->parse($t->raw("POST /event HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        . chunked($body, $size)))->{status};
}

sub padded { return event(pad => 'x' x ($_[0] - length event(pad => ''))) }

is(send_chunked(event(), 5), 204, 'chunks');
is(send_chunked(padded(65536), 1), 204, '65,536 chunks of one byte');
is(send_chunked(padded(65536), 30000), 204, '64 KiB in three');
is(send_chunked(padded(65537), 30000), 413, 'one byte more');
is(send_chunked('x' x 1_000_000, 60000), 413, '1 MB in chunks');
logged(3);

is($t->post('/event', ':body' => padded(65536))->{status}, 204, '64 KiB');
is($t->post('/event', ':body' => padded(65537))->{status}, 413,
   'one byte more');
logged(1);

# Before a byte of it is read, and without inviting it.
$r = $t->parse($t->raw("POST /event HTTP/1.1\r\nHost: localhost\r\n"
    . "Content-Length: 900000\r\nExpect: 100-continue\r\n"
    . "Connection: close\r\n\r\n"));
is($r->{status}, 413, 'too much is announced');

# By itself, byte by byte, with another request behind it.
my $socket = $t->socket;
my $body = event(id => 'slow');
my $text = "POST /event HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
           . length($body) . "\r\n\r\n${body}GET /event?event=v&item=next "
           . "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
$socket->setsockopt(6, 1, 1);
$socket->syswrite($_) for split //, $text;

my $answers = '';
1 while $socket->sysread($answers, 65536, length $answers);
is(scalar(() = $answers =~ /HTTP\/1.1 204/g), 2, 'byte by byte, two requests');
is((logged(2))[1]{item}, 'next', 'both of them');

# Nothing goes to disk: here nothing could.
rmdir $t->path('temp/client_body') or die $!;
$t->write('temp/client_body', '');
is($t->post('/event', ':body' => padded(65536))->{status}, 204,
   'no file for a large body');
is(send_chunked(padded(65536), 7), 204, 'nor for chunks');
logged(2);

$socket = $t->socket;
$socket->syswrite("POST /event HTTP/1.1\r\nHost: localhost\r\n"
                  . "Content-Length: 50\r\n\r\n{");
my $got = $socket->sysread($text, 100);
ok(defined $got && ($got == 0 || $text =~ / 408 /),
   'client_body_timeout ends who stops in the middle');

is($t->post('/small', ':body' => padded(101))->{status}, 413,
   'client_max_body_size');
is($t->post('/small', ':body' => padded(100))->{status}, 204, 'is respected');
logged(1);


# --- what is refused ------------------------------------------------------------------

my $before = counted('refused');
my $good = '"event":"click","item":"i1"';

my @bad = (
    ['nothing', '', qr/nothing/],
    ['no JSON', 'event=click', qr/line 1/],
    ['cut short', "{$good", qr/expected/],
    ['something behind it', "{$good}x", qr/end of file/],
    ['a string', '"click"', qr/'\[' or '\{'/],
    ['no events', '[]', qr/^0 events/],
    ['65 events', '[' . join(',', ("{$good}") x 65) . ']', qr/^65 events/],
    ['one of two', "[{$good},{\"event\":\"click\"}]", qr/^event 2: "item"/],
    ['a level too many', "{$good,\"x\":[[[[[[[[1]]]]]]]]}", qr/levels/],
    ['a million levels', '[' x 60000, qr/levels/],
    ['a million keys', "{$good,\"x\":{"
        . join(',', map { "\"$_\":1" } 1 .. 7000) . '}}', qr/values/],
    ['a key twice', "{$good,\"item\":\"i2\"}", qr/duplicate/],
    ['a key twice that is not ours', "{$good,\"x\":1,\"x\":1}", qr/duplicate/],
    ['1e309', "{$good,\"value\":1e309}", qr/overflow/],
    ['a number that is text', "{$good,\"value\":\"1\"}", qr/number/],
    ['NUL', "{\"event\":\"click\",\"item\":\"i\0\"}", qr/NUL/],
    ['\u0000', '{"event":"click","item":"i\u0000"}', qr/u0000/],
    ['a control character', '{"event":"click","item":"i\u001b"}', qr/item/],
    ['broken UTF-8', "{\"event\":\"click\",\"item\":\"\xc3\"}", qr/decode/],
    ['an item of 129 bytes', '{"event":"click","item":"' . 'i' x 129 . '"}',
     qr/item/],
    ['an event of 33 bytes', '{"event":"' . 'e' x 33 . '","item":"i1"}',
     qr/event/],
    ['no event', '{"item":"i1"}', qr/event/],
    ['an exposure', '{"event":"exposure","item":"i1"}', qr/exposure/],
    ['an id of 129 bytes', "{$good,\"id\":\"" . 'i' x 129 . '"}', qr/"id"/],
    ['a token of 513 bytes', "{$good,\"token\":\"" . 't' x 513 . '"}',
     qr/token/],
    ['a token of another kind', "{$good,\"token\":{}}", qr/token/],
);

for my $case (@bad) {
    my ($name, $text, $message) = @$case;

    $r = $t->post('/event', @JSON, ':body' => $text);
    is($r->{status}, 400, $name);
    like(eval { decode_json($r->{body})->{error} } // $r->{body}, $message,
         'and why');
}

is($t->get("/event?$_")->{status}, 400, "?$_")
    for '', 'event=click', 'event=click&item=%', 'event=click&item=%00',
        'event=click&item=i1&item=i2', 'event=Click&item=i1',
        'event=click&item=i1&value=NaN', 'event=click&item=' . 'x' x 4096;

is($t->get('/event?event=click&item=i1&value=1e308&utm=1&utm=2')->{status},
   204, 'but not for what is not ours');
is($t->post('/event', @JSON, ':body' => "{$good,\"value\":1e308}")->{status},
   204, '1e308 is a number');
@events = logged(2);
is($events[0]{value}, 1e308, 'and stays one');

is(counted('refused'), $before + @bad + 8, 'each is counted');

for my $method (qw(HEAD PUT DELETE)) {
    $r = $t->request($method, '/event');
    is("$r->{status} $r->{headers}{allow}", '405 GET, POST, OPTIONS', $method);
}


# --- twice is once -------------------------------------------------------------------

$before = counted('duplicate');

$t->post('/event', @JSON, ':body' => event(id => 'e-1')) for 1 .. 3;
$t->post('/event', @JSON, ':body' => '[' . event(id => 'e-2') . ','
                                     . event(id => 'e-2') . ']');
is($t->get('/event?event=click&item=i1&id=e-1')->{status}, 204,
   'what was sent before is taken again');
is(join(' ', map { $_->{id} } logged(2)), 'e-1 e-2', 'and counts once');
is(counted('duplicate'), $before + 4, 'as is said');

$t->reload;
$t->post('/event', @JSON, ':body' => event(id => 'e-1'));
is(counted('duplicate'), $before + 5, 'after a reload too');


# --- consent -------------------------------------------------------------------------

$t->post('/event', 'X-Consent' => 0, Cookie => 'uid=u1',
         ':body' => event(id => 'mine'));
($event) = logged(1);
is($event->{user}, undef, 'consent 0: the event, and nobody');
like($event->{id}, qr/^\d+-\d+-0-\d+$/, 'nor an id of his making');


# --- origins --------------------------------------------------------------------------

sub from {
    my ($uri, @headers) = @_;
    return $t->post($uri, @headers, ':body' => event());
}

my @own = (
    ['none', []],
    ['same-origin', ['Sec-Fetch-Site' => 'same-origin']],
    ['same-site', ['Sec-Fetch-Site' => 'same-site',
                   Origin => 'http://www.localhost']],
    ['a link in a mail', ['Sec-Fetch-Site' => 'none']],
    ['an old browser', [Origin => 'https://LOCALHOST']],
);

my @others = (
    ['cross-site', ['Sec-Fetch-Site' => 'cross-site',
                    Origin => 'https://evil.example']],
    ['an old browser elsewhere', [Origin => 'https://evil.example']],
    ['a host that begins alike', [Origin => 'https://localhost.evil.example']],
    ['null', [Origin => 'null']],
    ['two origins', [Origin => 'https://shop.example',
                     Origin => 'https://evil.example']],
    ['another value', ['Sec-Fetch-Site' => 'x']],
);

is(from('/event', @{$_->[1]})->{status}, 204, "own: $_->[0]") for @own;
is(from('/event', @{$_->[1]})->{status}, 403, "other: $_->[0]") for @others;
is(from('/shop', @{$_->[1]})->{status}, 403, "still other: $_->[0]")
    for @others;
logged(scalar @own);

my @shop = (Origin => 'https://shop.example', 'Sec-Fetch-Site' => 'cross-site');

$r = from('/shop', @shop);
is($r->{status}, 204, 'an origin that is named');
is($r->{headers}{'access-control-allow-origin'}, 'https://shop.example',
   'is told so');
is($r->{headers}{'access-control-allow-credentials'}, 'true', 'with cookies');
is($r->{headers}{vary}, 'Origin', 'it alone');
is(from('/event', @shop)->{status}, 403, 'elsewhere it is not');
is(from('/shop', Origin => 'http://localhost:8081')->{status}, 204, 'a port');
is(from('/shop', Origin => 'http://localhost:80')->{status}, 403,
   'another port');

$r = $t->request('OPTIONS', '/shop', @shop,
                 'Access-Control-Request-Method' => 'POST',
                 'Access-Control-Request-Headers' => 'content-type');
is($r->{status}, 204, 'a preflight');
is($r->{headers}{'access-control-allow-origin'}, 'https://shop.example',
   'by whom');
is($r->{headers}{'access-control-allow-methods'}, 'GET, POST', 'how');
is($r->{headers}{'access-control-allow-headers'}, 'Content-Type', 'what');

$r = $t->request('OPTIONS', '/shop', Origin => 'https://evil.example',
                 'Access-Control-Request-Method' => 'POST');
is($r->{status}, 403, 'and of another');
is($r->{headers}{'access-control-allow-origin'}, undef, 'without a word');

$r = $t->request('OPTIONS', '/event');
is("$r->{status} $r->{headers}{allow}", '204 GET, POST, OPTIONS',
   'what there is');

$r = from('/any', Origin => 'https://evil.example',
          'Sec-Fetch-Site' => 'cross-site');
is($r->{status}, 204, 'any');
is($r->{headers}{'access-control-allow-origin'}, '*', 'is told so');
is($r->{headers}{'access-control-allow-credentials'}, undef,
   'without cookies');
is($t->get('/any?event=click&item=i1', 'Sec-Fetch-Site' => 'cross-site')
     ->{status}, 204, 'and a pixel, which names no origin');
is($t->get('/shop?event=click&item=i1', 'Sec-Fetch-Site' => 'cross-site')
     ->{status}, 403, 'which elsewhere is in vain');
logged(4);


# --- by rate; without a log ----------------------------------------------------------

is(join(' ', map { from('/limited')->{status} } 1 .. 5), '204 204 204 429 429',
   "limit_req, nginx's own");
logged(3);

is(from('/off')->{status}, 204, 'without a log');
is($t->post('/off', ':body' => '{')->{status}, 400, 'as strict');

$t->done;
