# HTTP/2: filled pages, JSON, cookies and beacons are those of HTTP/1.1, and
# requests that share a connection share nothing else.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json encode_json);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;
use RecsStreams;

my $t = RecsNginx->new;

plan(skip_all => 'no curl')
    if system('curl --version > /dev/null 2>&1') != 0;
plan(skip_all => 'an nginx or a curl without HTTP/2')
    if !$t->has('http_v2_module') || `curl --version` !~ /\bHTTP2\b/;

my $N_STREAMS = 40;                     # of one connection, each a user's

$t->publish($t->bundle('a', users => $N_STREAMS), 'shop');

mkdir $t->path('www') or die;
$t->write('www/page.html', '<p>before</p>' x 1000
          . '<recs-slot name="for_you"><template><a>{{id}}</a></template>'
          . '</recs-slot>' . '<p>between</p>' x 1000
          . '<recs-slot name="best"><template><a>{{id}}</a></template>'
          . '</recs-slot><p>after</p>');

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; }
    recs_slot best { model shop; strategy popular; count 5; }
    recs_user $arg_u;
    recs_consent 2;
    recs_event_log %%DIR%%/events flush=20ms;
    recs_session_zone visitors 1m;
    recs_session zone=visitors;
    log_format beacon '$arg_b $status';

    server {
        listen 127.0.0.1:%%PORT%%;
        listen 127.0.0.1:%%PORT_h2%% http2;
        root %%DIR%%/www;

        location /recs/ { recs_api; }
        location = /page.html { recs_fill on; }
        location = /event {
            recs_collect;
            access_log %%DIR%%/logs/beacons beacon;
        }
        location /status { recs_status; }
    }
}
END

$t->start;

my @CURL = qw(curl -sS --max-time 30 --http2-prior-knowledge);
my $address = 'http://127.0.0.1:' . $t->port('h2');


# By HTTP/2, as RecsNginx->get() by HTTP/1.1.
sub h2 {
    my ($uri, @options) = @_;

    my ($status, $output) = $t->run(@CURL, '-D', $t->path('head'), '-o',
                                    $t->path('body'), @options,
                                    "$address$uri");
    my $head = $t->read('head');
    my %headers = $head =~ /^([\w-]+): (.*?)\r$/mg;

    is($status, 0, "curl: $uri") or diag($output);

    return { status => $head =~ m{^HTTP/2 (\d+)} ? $1 : 0,
             headers => \%headers, body => $t->read('body') };
}


# The events of the item, as soon as there are so many.
sub events {
    my ($item, $n) = @_;

    my @events;

    $t->wait_for("events of $item", sub {
        @events = grep { ($_->{item} // '') eq $item }
                  map { decode_json($_) } $t->read('events.0') =~ /(.*)\n/g;
        return @events >= ($n // 1);
    });

    return @events;
}


# --- answers ------------------------------------------------------------------

for my $uri ('/page.html?u=u1', '/recs/for_you?u=u1', '/recs/best?u=nobody') {
    my ($one, $two) = ($t->get($uri), h2($uri));

    is($two->{status}, 200, "$uri: 200");
    is($two->{body}, $one->{body}, '... and the same bytes');
    is($two->{headers}{$_}, $one->{headers}{$_}, "... and $_")
        for qw(content-type content-length cache-control);
}

like(h2('/page.html?u=u1')->{body},
     qr{between</p><recs-slot.*?<a>i\d+</a>.*<p>after</p>$}s,
     'a page is filled to its end');

my $r = h2('/page.html?u=u1', '--head');
is($r->{status}, 200, 'HEAD');
is($r->{body} =~ s/^HTTP.*?\r\n\r\n//sr, '', '... has no body');

is(h2('/recs/nonesuch')->{status}, 404, 'no such slot');
is(h2('/recs/best?count=x')->{status}, 400, 'no such count');

like(h2('/recs/best')->{headers}{'set-cookie'} // '',
     qr/^recs_id=[\w-]{23,}; Max-Age=\d+; /, 'a visitor without an id gets one');


# --- many streams, one connection -----------------------------------------------

# Each stops again and again, in the midst of whatever it is filled with.
for my $window (1, 1000) {
    my $page = $window == 1 ? '/recs/for_you' : '/page.html';
    my @bodies = RecsStreams::get($t->port('h2'), $window,
                                  map { "$page?u=u$_" } 1 .. $N_STREAMS);
    my @wrong = grep { $bodies[$_ - 1] ne $t->get("$page?u=u$_")->{body} }
                1 .. $N_STREAMS;

    is("@wrong", '', "$N_STREAMS streams of $page, $window bytes at a time: "
       . 'each has what is its own');
}


# --- beacons --------------------------------------------------------------------

my @JSON = ('-H', 'Content-Type: application/json');


# Posts an event of the item in so many bytes: the status, from nginx's log.  A
# curl that is still sending takes the end of the stream for an error.
sub beacon {
    my ($item, $size, @options) = @_;

    my $event = encode_json({ event => 'click', item => $item });
    $t->write('beacon', $event . ' ' x ($size - length $event));
    $t->run(@CURL, '-o', $t->path('body'), @JSON, @options, '--data-binary',
            '@' . $t->path('beacon'), "$address/event?u=u1&b=$item");

    my $status;

    $t->wait_for("the beacon $item", sub {
        ($status) = $t->read('logs/beacons') =~ /^$item (\d+)$/m;
    });

    return $status;
}

my @NO_LENGTH = ('-H', 'Content-Length:');

is(beacon('b1', 100), 204, 'a beacon');
is((events('b1'))[0]{user}, 'u1', '... is logged, and whose it is');
is(beacon('b2', 100, @NO_LENGTH), 204, 'one without a length');
is(scalar(events('b2')), 1, '... is logged');
is(beacon('b3', 65536), 204, '64 KiB');
is(beacon('b4', 65536, @NO_LENGTH), 204, '... without a length');
is(scalar(events($_)), 1, "$_ is logged") for qw(b3 b4);
is(beacon('b5', 65537), 413, 'a byte more');
is(beacon('b6', 65537, @NO_LENGTH), 413, '... without a length');
is(beacon('b7', 1_000_000, @NO_LENGTH), 413, '1 MB without a length');

is(h2('/event?event=view&item=b8')->{status}, 204, 'a pixel');
events('b8');
unlike($t->read('events.0'), qr/"b[567]"/, 'what is too much is not logged');

is($t->json('/status')->{json}{events}{refused}, 3, 'it is counted');

$t->done;
