# The headers of pages that are filled, and of those that are not: a page of
# one visitor must be kept nowhere and confirmed by nobody, any other response
# keeps what it had.

use strict;
use warnings;

use FindBin;
use IO::Uncompress::Gunzip qw(gunzip);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;
use RecsOrigin;

my $t = RecsNginx->new;
my $origin = RecsOrigin->new($t);

$t->publish($t->bundle('a'), 'shop');

my $gunzip = $t->has('http_gunzip_module') ? 'gunzip on;' : '';

$t->conf(<<"END");
http {
    %%HTTP%%

    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 4; }

    recs_user \$cookie_uid;
    recs_fill on;

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen 127.0.0.1:%%PORT%%;

        location /direct/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /cached/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_set_header Accept-Encoding "";
            proxy_cache pages;
            proxy_cache_key \$uri;
            proxy_cache_valid 200 1h;
            add_header X-Cache \$upstream_cache_status;
        }

        location /expires/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            expires 1d;
        }

        location /own/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            recs_cache_control "private, max-age=5";
        }

        location /plain/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            recs_fill off;
        }

        location /variable/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            recs_fill off;
            add_header X-Ids \$recs_ids_for_you;
        }

        location /gunzip/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            $gunzip
        }

        location /recs/ { recs_api; }
        location /status { recs_status; }
    }
}
END

$t->start;

my $page = '<html><recs-slot name="for_you">ours</recs-slot></html>';
my $date = 'Tue, 14 Nov 2023 22:13:20 GMT';

my %validators = (
    etag     => '"v1"',
    modified => $date,
    headers  => ['Cache-Control: public, max-age=3600',
                 'Expires: Thu, 31 Dec 2037 23:55:55 GMT',
                 'Surrogate-Control: max-age=3600',
                 'Accept-Ranges: bytes'],
);

$origin->page('/page', body => $page, %validators, ranges => 1);
$origin->page('/text', body => $page, type => 'text/plain', %validators);
$origin->page('/image', body => "\x89PNG" . "x" x 100, type => 'image/png',
              %validators);
$origin->page('/error', body => $page, status => 503);
$origin->page('/packed', body => $page, gzip => 'always', %validators);


sub get {
    my ($uri, @headers) = @_;

    return $t->get($uri, Cookie => 'uid=u1', @headers);
}


sub filled {
    my ($response, $what) = @_;

    is($response->{status}, 200, "$what: 200");
    like($response->{body}, qr{<recs-slot name="for_you">.*/item/i\d}s,
         "$what: filled");
    unlike($response->{body}, qr/ours/, "$what: all of it");
    ok(!$response->{truncated}, "$what: whole");

    is($response->{headers}{$_}, undef, "$what: no $_")
        for qw(etag last-modified expires surrogate-control accept-ranges
               content-range);
}


sub private_only {
    my ($response, $what) = @_;

    is($response->{headers}{'cache-control'}, 'private, no-store',
       "$what: kept nowhere");
}


# --- pages that are filled -------------------------------------------------------

for my $location (qw(direct cached expires)) {
    for my $time (1, 2) {
        my $response = get("/$location/page");
        filled($response, "$location $time");
        private_only($response, "$location $time");
    }
}

is(get('/cached/page')->{headers}{'x-cache'}, 'HIT', 'the page is cached');

my $other = $t->get('/cached/page', Cookie => 'uid=u2');
filled($other, 'another visitor');
isnt($other->{body}, get('/cached/page')->{body}, 'sees another page');

my $own = get('/own/page');
is($own->{headers}{'cache-control'}, 'private, max-age=5',
   'recs_cache_control has the last word');
is($own->{headers}{etag}, undef, 'on that alone');

my $head = $t->head('/cached/page', Cookie => 'uid=u1');
is($head->{status}, 200, 'HEAD');
is($head->{body}, '', 'HEAD: no body');
is($head->{headers}{etag}, undef, 'HEAD: no ETag');
is($head->{headers}{'content-length'}, undef, 'HEAD: no length');
private_only($head, 'HEAD');


# --- what the shared page's validators would confirm -------------------------------

for my $header (['If-None-Match' => '"v1"'], ['If-None-Match' => '*'],
                ['If-Modified-Since' => $date],
                ['Range' => 'bytes=0-9'],
                ['Range' => 'bytes=0-9', 'If-Range' => '"v1"'])
{
    my $response = get('/cached/page', @$header);
    filled($response, "cached, @$header");
    private_only($response, "cached, @$header");
}

# Without a cache they are the origin's to answer: its 206 and 304 pass.
my $part = get('/direct/page', Range => 'bytes=6-15');
is($part->{status}, 206, 'a part, from the origin');
is($part->{body}, substr($page, 6, 10), 'its very bytes');
is($part->{headers}{'content-range'}, 'bytes 6-15/' . length $page,
   'and what it says of them');
is($part->{headers}{'content-length'}, 10, 'of that length');
is($part->{headers}{etag}, '"v1"', 'with its validator');

my $unchanged = get('/direct/page', 'If-None-Match' => '"v1"');
is($unchanged->{status}, 304, 'unchanged, says the origin');
is($unchanged->{headers}{etag}, '"v1"', 'with its validator');


# --- everything else keeps its own --------------------------------------------------

for my $uri ('/direct/text', '/cached/text', '/direct/image', '/cached/image',
             '/plain/page', '/variable/page')
{
    my $response = get($uri);

    is($response->{headers}{etag}, '"v1"', "$uri: ETag");
    is($response->{headers}{'last-modified'}, $date, "$uri: Last-Modified");
    is($response->{headers}{'cache-control'}, 'public, max-age=3600',
       "$uri: Cache-Control");
    is($response->{headers}{'content-length'}, length $response->{body},
       "$uri: length");
    is($response->{body}, $page, "$uri: bytes") if $uri !~ /image/;
    is(get($uri, 'If-None-Match' => '"v1"')->{status}, 304, "$uri: 304");
}

like(get('/variable/page')->{headers}{'x-ids'}, qr/^i\d+(?:,i\d+){3}$/,
     'a variable alone changes no other header');

my $range = get('/cached/text', Range => 'bytes=0-5');
is($range->{status}, 206, 'a part of a text from the cache');
is($range->{body}, substr($page, 0, 6), 'its bytes');

my $error = get('/direct/error');
is($error->{status}, 503, 'an error');
is($error->{body}, $page, 'is not filled');


# --- compressed by the origin ---------------------------------------------------------

my $before = $t->json('/status')->{json}{fill}{encoded_page};
my $packed = get('/direct/packed', 'Accept-Encoding' => 'gzip');

is($packed->{headers}{'content-encoding'}, 'gzip', 'a compressed page');
gunzip(\$packed->{body}, \my $plain);
is($plain, $page, 'passes as it is');
private_only($packed, 'like every page of a type that is filled');
is($packed->{headers}{etag}, undef, 'and confirmed by nobody');
is($t->json('/status')->{json}{fill}{encoded_page}, $before + 1,
   'and is counted');

SKIP: {
    skip 'no gunzip module', 10 unless $gunzip;

    my $unpacked = get('/gunzip/packed');
    is($unpacked->{headers}{'content-encoding'}, undef, 'gunzip on');
    filled($unpacked, 'unpacked');
}


# --- the API ------------------------------------------------------------------------

private_only(get('/recs/for_you'), 'the API');

$t->done;
