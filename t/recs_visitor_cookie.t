# recs_visitor_cookie: an id of ours for visitors who have no other.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsVisitors;

my $t = RecsVisitors->new;
my @keys = map { "$_ " . sprintf('%02x', 16 * $_) x 32 } 1 .. 4;

sub keys_file {
    $t->write('keys', join('', map { "$keys[$_ - 1]\n" } @_));
    chmod 0600, $t->path('keys');
}

keys_file(1);

$t->write('www/missing.html', 'not here');
$t->write('www/filled.html',
          '<recs-slot name="best"><template><i>{{id}}</i></template>'
          . '</recs-slot>');
$t->write('www/included.html', '<!--# include virtual="/recs/best" -->'
          . '<!--# include virtual="/recs/for_you" -->');

$t->site(http => <<'END', server => <<'END', servers => <<'END');
    recs_slot best { model shop; strategy popular; count 5; }
    recs_user $cookie_uid;
    recs_consent $arg_consent;
END
        error_page 404 /missing.html;
        recs_session_key %%DIR%%/keys;

        location /variable { return 200 "[$recs_user]"; }
        location /moved { return 302 /recs/best?$recs_ids_best; }
        location /again { rewrite ^ /recs/best last; }
        location /off/ { recs_session off; recs_api; }
        location /both/ { recs_session cookie; recs_api; }
END
    server {
        listen 127.0.0.1:%%PORT_plain%%;
        recs_visitor_cookie __Host-me;
        location /recs/ { recs_api; }
    }

    server {
        listen 127.0.0.1:%%PORT_none%%;
        recs_visitor_cookie off;
        location /recs/ { recs_api; }
    }
END
$t->start;

my $yes = 'consent=1';


# What the response's Set-Cookie gives; '' for none.
sub given {
    my ($r, $name) = @_;

    $name //= 'recs_id';
    my ($value) = ($r->{headers}{'set-cookie'} // '') =~ /^\Q$name\E=([^;]*)/;

    return $value // '';
}

sub issued {
    my ($from) = @_;

    my $before = $t->visitors->{ids_issued};
    $from->();
    return $t->visitors->{ids_issued} - $before;
}

# Who the event log says has viewed the item.
sub viewer {
    my ($item, @headers) = @_;

    my $r = $t->get("/item?$yes&item=$item", @headers);
    my $event;

    $t->wait_for("a view of $item", sub {
        ($event) = $t->read('events.0') =~ /^(.*"item":"$item".*)\n/m;
    });

    return (decode_json($event)->{user} // '', $r);
}

# The id that a cookie stands for, as sessions and events write it.
sub id_of {
    return '~' . encode_base64url(substr decode_base64url($_[0]), 1, 16);
}


# --- a visitor gets one -----------------------------------------------------------

my $r = $t->get("/recs/best?$yes");
my $cookie = given($r);

like($cookie, qr/^[\w-]{46}$/, 'a first answer gives an id');
is($r->{headers}{'set-cookie'},
   "recs_id=$cookie; Max-Age=33696000; Path=/; Secure; HttpOnly; SameSite=Lax",
   'for thirteen months, the whole site, no script and no other site');
is($r->{headers}{'cache-control'}, 'private, no-store', 'in a private answer');

$r = $t->get("/recs/best?$yes", Cookie => "recs_id=$cookie");
is($r->{headers}{'set-cookie'}, undef, 'and never renews it');

my ($user) = viewer('i1', Cookie => "recs_id=$cookie");
is($user, id_of($cookie), 'events are his');

($user, $r) = viewer('i2');
is($user, id_of(given($r)), 'and the first one, too');

is(issued(sub {
    my %seen = map { given($t->get("/recs/best?$yes")) => 1 } 1 .. 500;
    is(scalar(keys %seen), 500, '500 visitors, 500 ids');
}), 500, 'which are counted');

is(given($t->get('/recs/best?consent=2')) ne '', 1, 'at consent 2 as well');
is(given($t->get('/recs/best?consent=0')), '', 'not at 0');
is(given($t->get('/recs/best')), '', 'nor where nothing was said');
is(given($t->get("/recs/best?$yes", 'Sec-GPC' => 1)), '', 'nor with Sec-GPC');

$r = $t->get("/recs/best?$yes", Cookie => 'uid=u1');
is($r->{headers}{'set-cookie'}, undef, 'who has an id gets none');
($user) = viewer('i3', Cookie => "uid=u1; recs_id=$cookie");
is($user, 'u1', 'his own goes before ours');
isnt(given($t->get("/recs/best?$yes", Cookie => 'uid=' . 'x' x 129)), '',
     'what is no id does not count');


# --- in which responses ---------------------------------------------------------------

for (['/filled', 'a page with slots'], ['/again', 'after a redirect inside'],
     ['/included.html', 'not from a subrequest', 0])
{
    my ($uri, $what, $gives) = @$_;

    $r = $t->get("$uri?$yes");
    is($r->{status}, 200, $what);
    is(given($r) ne '' ? 1 : 0, $gives // 1, 'has one or not');
}

is(given($t->head("/recs/best?$yes")) ne '', 1, 'HEAD as GET');
is(given($t->get("/recs/best?$yes", ':version' => '1.0')) ne '', 1,
   'HTTP/1.0 as well');

$r = $t->get("/static/page.html?$yes");
my $etag = $r->{headers}{etag};
is($r->{headers}{'set-cookie'}, undef, 'a file of the site has none');
ok($etag, 'and keeps its validators');
is($t->get("/static/page.html?$yes", 'If-None-Match' => $etag)->{status}, 304,
   'which hold');

for (["/recs/nonesuch?$yes", 404], ["/recs/best?count=x&$yes", 400],
     ["/moved?$yes", 302], ["/item/none?$yes", 200, 1],
     ["/off/best?$yes", 200], ["/variable/x?$yes", 200, 1])
{
    my ($uri, $status, $gives) = @$_;

    $r = $t->get($uri . '&item=i4');
    is($r->{status}, $status, "$uri: $status");
    is(given($r) ne '' ? 1 : 0, $gives // 0, 'and a cookie or none');
}

my ($modified) = $t->get('/static/page.html')->{headers}{'last-modified'};
$r = $t->get("/item?item=i1&$yes", 'If-Modified-Since' => $modified);
is($r->{status}, 304, '304 is still 304');
is($r->{headers}{'set-cookie'}, undef, 'without a cookie');

$r = $t->get("/recs/best?$yes", ':port' => $t->port('none'));
is($r->{headers}{'set-cookie'}, undef, 'off is off');


# --- nginx's own cache ---------------------------------------------------------------

my %cached = map {
    $r = $t->get("/cached?$yes");
    is($r->{headers}{'x-cache'}, $_, "from the cache: $_");
    (given($r) => 1);
} qw(MISS HIT HIT);

is(scalar(grep { length } keys %cached), 3, 'each gets an id of his own');

my ($status, $found) = $t->run('grep', '-rac', 'recs_id\|Set-Cookie',
                               $t->path('cache'));
is(scalar(my @files = $found =~ /:(\d+)$/mg), 1, 'one page is kept');
like($found, qr/:0$/, 'and nobody\'s id');


# --- what came back --------------------------------------------------------------------

my ($n, $item) = (0, 0);

# Whose view it is that comes with these cookies.
sub whose {
    my (@lines) = @_;

    my ($user, $r) = viewer('w' . ++$item, map { (Cookie => $_) } @lines);
    return given($r) eq '' ? $user : 'new';
}

my $own = id_of($cookie);
my $other = given($t->get("/recs/best?$yes"));
my $second = id_of($other);

is(whose("a=b; recs_id=$cookie; c=d"), $own, 'among others');
is(whose("recs_id=$cookie"), $own, 'alone');
is(whose(";;  recs_id=$cookie ;"), $own, 'in a careless header');
is(whose("recs_id=$cookie; recs_id=$other"), $own, 'two: the first');
is(whose("recs_id=x; recs_id=$other; recs_id=$cookie"), $second,
   'the first valid one');
is(whose('a=b', "recs_id=$cookie"), $own, 'in a second header');
is(whose((map { "c$_=" . 'x' x 40 } 1 .. 99), "recs_id=$cookie"), $own,
   'the last of 100 headers');
is(whose(join '; ', (map { "recs_idx=$_; xrecs_id=$_" } 1 .. 100),
         "recs_id=$cookie"), $own, 'the last of 201 cookies');
is(whose(join '; ', ("recs_id=x") x 4, "recs_id=$cookie"), 'new',
   'but a fifth of the name is not looked at');

for (["RECS_ID=$cookie", 'another name'], ['recs_id=', 'an empty one'],
     ['recs_id', 'no value'], ["recs_id=\"$cookie\"", 'quotes'],
     ["recs_id=$cookie$cookie", 'twice as long'],
     ['recs_id=' . 'A' x 65000, 'one of 64 KB'],
     ['recs_id=' . substr($cookie, 0, -1), 'a short one'],
     ["recs_id=${cookie}A", 'a long one'],
     ["recs_id=\xff\xfe\xc0\x80", 'bytes'], ["recs_id=%00%0a", 'escapes'],
     ['recs_id=~' . substr($own, 1), 'the bare id'],
     ['recs_id=' . encode_base64url("\1" . 'x' x 16), 'an unsigned one'],
     ['recs_id=' . encode_base64url("\2" . 'x' x 16 . "\1" . 'y' x 16),
      'a made up one'])
{
    is(whose($_->[0]), 'new', "$_->[1]: not taken");
}

my $bytes = decode_base64url($cookie);

for my $bit (map { 8 * $_ + $_ % 8 } 0 .. length($bytes) - 1) {
    my $altered = $bytes;
    vec($altered, $bit, 1) ^= 1;

    isnt(given($t->get("/recs/best?$yes",
                       Cookie => 'recs_id=' . encode_base64url($altered))),
         '', "bit $bit: not taken");
}


# --- keys -----------------------------------------------------------------------------

keys_file(2, 1);
$t->reload;
is(whose("recs_id=$cookie"), $own, 'a new key: the old ids hold');
my $newer = given($t->get("/recs/best?$yes"));
is(ord(substr decode_base64url($newer), 17, 1), 2, 'the new key signs');

keys_file(3, 2);
$t->reload;
is(whose("recs_id=$newer"), id_of($newer), 'another: the newer ids hold');
is(whose("recs_id=$cookie"), 'new', 'the oldest do not');


# --- without a key ----------------------------------------------------------------------

my @plain = (':port' => $t->port('plain'));

$r = $t->get("/recs/best?$yes", @plain);
my $plain = given($r, '__Host-me');
like($plain, qr/^[\w-]{23}$/, 'without a key: no MAC');
like($r->{headers}{'set-cookie'},
     qr/^__Host-me=$plain; Max-Age=\d+; Path=\/; Secure; HttpOnly;/,
     'as a __Host- cookie must be');
$r = $t->get("/recs/best?$yes", @plain, Cookie => "__Host-me=$plain");
is($r->{headers}{'set-cookie'}, undef, 'it holds');
$r = $t->get("/recs/best?$yes", @plain, Cookie => "__Host-me=$newer");
isnt($r->{headers}{'set-cookie'}, undef, 'one of another kind does not');
$r = $t->get("/recs/best?$yes", @plain, Cookie => "recs_id=$plain");
isnt($r->{headers}{'set-cookie'}, undef, 'nor one of another name');


# --- consent is taken back -----------------------------------------------------------------

my $before = $t->visitors;
$r = $t->get('/recs/best?consent=0', Cookie => "recs_id=$newer");
is($r->{headers}{'set-cookie'},
   'recs_id=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax',
   'at consent 0 it ends');
is($t->visitors->{ids_dropped} - $before->{ids_dropped}, 1, 'and is counted');

$r = $t->get('/recs/best?consent=0', Cookie => 'recs_id=garbage');
like($r->{headers}{'set-cookie'}, qr/^recs_id=; Max-Age=0/,
     'whatever it says');
is($t->visitors->{ids_dropped} - $before->{ids_dropped}, 1,
   'but that was no id');

$r = $t->get('/static/page.html?consent=0', Cookie => "a=b; recs_id=$newer");
like($r->{headers}{'set-cookie'}, qr/^recs_id=; Max-Age=0/,
     'with a file of the site as well');
is($r->{headers}{'cache-control'}, 'private, no-store',
   'which is private this once');

$r = $t->get('/static/page.html?consent=0', Cookie => 'a=b');
is($r->{headers}{'set-cookie'}, undef, 'but only where it came');
is($r->{headers}{etag}, $etag, 'and all else stays');

$r = $t->get('/static/page.html?consent=0', Cookie => "recs_id=$newer",
             'If-None-Match' => $etag);
is($r->{status}, 304, 'a 304');
is($r->{headers}{'set-cookie'}, undef, 'waits for another response');

$r = $t->get('/nowhere?consent=0', Cookie => "recs_id=$newer");
is($r->{status}, 404, 'an error');
like($r->{headers}{'set-cookie'}, qr/^recs_id=; Max-Age=0/, 'does not');

$r = $t->get("/recs/best?consent=0", @plain, Cookie => "recs_id=$newer");
is($r->{headers}{'set-cookie'}, undef, 'another server\'s is not ours');


# What is kept is deleted, wherever he says it, and the session's cookie ends.

sub source {
    return $t->json('/recs/for_you?consent=2', Cookie => "recs_id=$_[0]")
             ->{json}{source};
}

$t->get("/item?consent=2&item=i$_", Cookie => "recs_id=$newer") for 1 .. 3;
is(source($newer), 'session', 'he has a session');
$t->get('/static/page.html?consent=0', Cookie => "recs_id=$newer");
is(source($newer), 'popular', 'it is gone, though none is in use there');

$r = $t->get('/static/page.html?consent=0',
             Cookie => "recs_session=x; recs_id=$newer");
is(join(' ', sort map { /^(\w+=; Max-Age=0)/ } split /\n/,
             $r->{headers}{'set-cookie'}),
   'recs_id=; Max-Age=0 recs_session=; Max-Age=0', 'both cookies end');
$r = $t->get('/static/page.html?consent=0', Cookie => 'recs_session=x');
like($r->{headers}{'set-cookie'}, qr/^recs_session=; Max-Age=0;/,
     'or the one that came');


# --- configuration ------------------------------------------------------------------------

$t->refuses(server => {
    'recs_visitor_cookie "a b";' => qr/invalid cookie name "a b"/,
    'recs_visitor_cookie "a;b";' => qr/invalid cookie name "a;b"/,
    'recs_visitor_cookie a=b;' => qr/invalid cookie name "a=b"/,
    'recs_visitor_cookie "";' => qr/invalid cookie name ""/,
    'recs_visitor_cookie a; recs_visitor_cookie b;' => qr/is duplicate/,
    'location /x { recs_visitor_cookie a; }' => qr/not allowed here/,
    'recs_visitor_cookie recs_session;' => qr/the name of the sessions' cookie/,
    'location /x { recs_session_key keys; }' => qr/not allowed here/,
});

$t->done;
