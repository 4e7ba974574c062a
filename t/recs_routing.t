# $recs_variant_NAME wherever nginx takes a variable, and caches that keep
# variants apart.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->publish($t->bundle('a', model => 'popularity'), 'shop');
mkdir $t->path($_) for qw(www www/old www/new cache);

$t->write('www/plain.html', '<!--# include virtual="/sub" -->');

for my $variant (qw(old new)) {
    $t->write("www/$variant/page.html", "file $variant");
    $t->write("www/$variant/ssi.html", 'ssi <!--#echo var="recs_variant_x"'
              . ' --> <!--# include virtual="/sub" --> <!--# if'
              . ' expr="$recs_variant_x = new" -->yes<!--# else -->no'
              . '<!--# endif -->');
}

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 2; }

    recs_experiment x { unit $arg_user $cookie_id; variant old 50;
                        variant new 50; expose; }
    recs_experiment y { variant l 50; variant r 50; expose; }

    map $recs_variant_x $backend {
        new     127.0.0.1:%%PORT_new%%;
        default 127.0.0.1:%%PORT_old%%;
    }
    map $recs_variant_x $folder { default $recs_variant_x; "" old; }
    map "$recs_variant_x$recs_variant_x" $twice { oldold 2; newnew 2; }

    recs_consent $http_x_consent;
    recs_visitor_cookie recs_id;

    log_format variant '$arg_n [$recs_variant_x]';

    proxy_cache_path %%DIR%%/cache/key keys_zone=key:1m;
    proxy_cache_path %%DIR%%/cache/wrong keys_zone=wrong:1m;
    proxy_cache_path %%DIR%%/cache/vary keys_zone=vary:1m;
    proxy_cache_valid 200 1h;

    # The edge: here variants are given, whatever else is behind.
    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;
        access_log %%DIR%%/logs/variants variant;

        location /proxy { proxy_pass http://$backend; }
        location /name { proxy_pass http://$recs_variant_x; }
        location = /page.html { root %%DIR%%/www/$folder; }
        location = /ssi.html { ssi on; root %%DIR%%/www/$folder; }
        location = /plain.html { ssi on; }
        location /sub { return 200 "sub-$recs_variant_x"; }
        location /rewrite/ { rewrite ^/rewrite/(.*) /$recs_variant_x/$1 last; }
        location /regex/ { rewrite ^/regex/(.)(.*) /echo/$1$recs_variant_x$2 last; }
        location /old/ { }
        location /new/ { }
        location /echo/ { return 200 "$uri"; }
        location /header { add_header X-Variant $recs_variant_x always;
                           return 404; }
        location /if { if ($recs_variant_x = new) { return 200 "is new"; }
                       return 200 "is not"; }
        location /set { set $v "<$recs_variant_x>"; return 200 "$v$twice"; }
        location /try { root %%DIR%%; try_files /none/$recs_variant_x
                        /www/$recs_variant_x/page.html =404; }
        location /error { error_page 404 /echo/$recs_variant_x; return 404; }
        location /named { set $before $recs_variant_x;
                          error_page 418 = @named; return 418; }
        location @named { return 200 "$before=$recs_variant_x"; }
        location /redirect { return 302 /$recs_variant_x/page.html; }
        location /logged { return 204; }

        location /key/ {
            proxy_pass http://127.0.0.1:%%PORT_app%%;
            proxy_set_header X-Variant $recs_variant_x;
            proxy_cache key;
            proxy_cache_key $uri$recs_variant_x;
            add_header X-Cache $upstream_cache_status;
        }

        location /coin/ {
            proxy_pass http://127.0.0.1:%%PORT_app%%;
            proxy_set_header X-Variant $recs_variant_y;
            proxy_cache key;
            proxy_cache_key $uri$recs_variant_y;
            add_header X-Cache $upstream_cache_status;
        }

        location /vary/ {
            proxy_pass http://127.0.0.1:%%PORT_cache%%;
            proxy_set_header X-Variant $recs_variant_x;
        }
    }

    # Another cache, which knows nothing of variants.
    server {
        listen 127.0.0.1:%%PORT_cache%%;
        recs_consent 0;

        location / {
            proxy_pass http://127.0.0.1:%%PORT_app%%;
            proxy_cache vary;
            proxy_cache_key $uri;
            add_header X-Cache $upstream_cache_status;
        }
    }

    # The wrong way round: a cache before the edge, with one key for all.
    server {
        listen 127.0.0.1:%%PORT_wrong%%;
        recs_consent 0;

        location / {
            proxy_pass http://127.0.0.1:%%PORT%%;
            proxy_set_header X-Consent $http_x_consent;
            proxy_set_header Cookie $http_cookie;
            proxy_cache wrong;
            proxy_cache_key $uri;
            add_header X-Cache $upstream_cache_status;
        }
    }

    upstream old { server 127.0.0.1:%%PORT_old%%; }
    upstream new { server 127.0.0.1:%%PORT_new%%; }

    server { listen 127.0.0.1:%%PORT_old%%; return 200 "old host"; }
    server { listen 127.0.0.1:%%PORT_new%%; return 200 "new host"; }

    # The application: its page is for a variant.
    server {
        listen 127.0.0.1:%%PORT_app%%;
        location / { add_header Vary X-Variant;
                     return 200 "$uri for $http_x_variant"; }
        location /key/ { return 200 "$uri for $http_x_variant"; }
        location /coin/ { return 200 "$uri for $http_x_variant"; }
    }
}
END
$t->start;


sub variant_of {
    my ($salt, $id) = @_;

    my $fnv = sub {
        my $h = 2166136261;
        $h = (($h ^ $_) * 16777619) & 0xffffffff for unpack 'C*', $_[0];
        return $h;
    };

    return $fnv->($fnv->("$salt$id")) % 10000 < 5000 ? 'old' : 'new';
}

my ($A) = grep { variant_of('x', $_) eq 'old' } map { "a$_" } 1 .. 99;
my ($B) = grep { variant_of('x', $_) eq 'new' } map { "b$_" } 1 .. 99;

sub get {
    my ($uri, $user, %headers) = @_;

    $uri .= ($uri =~ /\?/ ? '&' : '?') . "user=$user" if defined $user;
    return $t->get($uri, %{ { 'X-Consent' => 2, %headers } });
}


# --- routing ----------------------------------------------------------------------

for ([$A, 'old', 'no'], [$B, 'new', 'yes']) {
    my ($user, $v, $yes) = @$_;

    my $is = sub {
        my ($uri, $body, $name) = @_;
        is(get($uri, $user)->{body}, $body, "$v: $name");
    };

    $is->('/proxy', "$v host", 'proxy_pass of a map');
    $is->('/name', "$v host", 'proxy_pass of an upstream by name');
    $is->('/page.html', "file $v", 'root');
    $is->('/ssi.html', "ssi $v sub-$v $yes", 'echo, if and include of SSI');
    $is->('/plain.html', "sub-$v", 'a subrequest alone: of the page');
    $is->('/rewrite/page.html', "file $v", 'rewrite');
    $is->('/regex/abc', "/echo/a${v}bc", 'rewrite, between captures');
    $is->('/if', $v eq 'new' ? 'is new' : 'is not', 'if');
    $is->('/set', "<$v>2", 'set, and a map of two');
    $is->('/try', "file $v", 'try_files');
    $is->('/error', "/echo/$v", 'error_page');
    $is->('/named', "$v=$v", 'a named location, later');

    is(get('/header', $user)->{headers}{'x-variant'}, $v, "$v: add_header");
    like(get('/redirect', $user)->{headers}{location}, qr{/$v/page\.html$},
         "$v: a redirect");

    get("/sub?n=log$v", $user);
    get("/logged?n=not$v", $user);
    $t->wait_for('the log', sub { $t->read('logs/variants') =~ /not$v/ });
    like($t->read('logs/variants'), qr/^log$v \[$v\]\nnot$v \[-\]\n/m,
         "$v: log_format, where something has read it");
}

my $off = { 'X-Consent' => 0 };
is(get('/proxy', $B, %$off)->{body}, 'old host', 'not in: the default');
is(get('/page.html', $B, %$off)->{body}, 'file old', 'not in: the root');
is(get('/set', $B, %$off)->{body}, '<>', 'not in: empty');
ok(!exists get('/header', $B, %$off)->{headers}{'x-variant'},
   'not in: no header');

# --- a cache that is keyed by variant ------------------------------------------------

for (['MISS', $A, 'old'], ['MISS', $B, 'new'], ['HIT', $A, 'old'],
     ['HIT', $B, 'new'])
{
    my ($status, $user, $v) = @$_;

    my $r = get('/key/page', $user);
    is($r->{body}, "/key/page for $v", "$user by key: his");
    is($r->{headers}{'x-cache'}, $status, "$user by key: a $status");
}

is(get('/key/page', $B, %$off)->{body}, '/key/page for ',
   'not in: a page of its own');

# --- Vary on a header ------------------------------------------------------------------

for (['MISS', $A, 'old'], ['MISS', $B, 'new'], ['HIT', $A, 'old'],
     ['HIT', $B, 'new'])
{
    my ($status, $user, $v) = @$_;

    my $r = get('/vary/page', $user, Cookie => "session=$user");
    is($r->{body}, "/vary/page for $v", "$user by Vary: his");
    is($r->{headers}{'x-cache'}, $status, "$user by Vary: a $status");
}

# --- cold visitors ----------------------------------------------------------------------

# Twenty who are new: each has his coin's page, and a cookie of his own, which
# is not in the cache; with it he has the same page again.
my (%pages, %ids);

for (1 .. 20) {
    my $r = get('/coin/page');
    my ($cookie) = ($r->{headers}{'set-cookie'} // '') =~ /^(recs_id=[^;]+)/;

    ok(!$ids{$cookie // ''}++, 'a cold visitor gets an id of his own');
    $pages{$r->{body}}{$r->{headers}{'x-cache'}}++;

    my $again = get('/coin/page', undef, Cookie => $cookie);
    is($again->{body}, $r->{body}, 'and keeps the variant');
    is($again->{headers}{'x-cache'}, 'HIT', 'which comes from the cache');
    ok(!exists $again->{headers}{'set-cookie'}, 'without a cookie');
}

is_deeply([sort keys %pages], ['/coin/page for l', '/coin/page for r'],
          'both variants were given');
is($pages{$_}{MISS}, 1, "$_: fetched once") for sort keys %pages;

my $cached = join '', map { $t->read($_) } glob $t->path('cache/key/*');
like($cached, qr{/coin/page for l}, 'the cache');
unlike($cached, qr/Set-Cookie|recs_id/i, 'no cookie is in it');

# With the cache before the edge and no variant in the key, whoever comes
# first decides for all: what docs/experiments.md warns of.
my %baked;

for (1 .. 20) {
    my $r = $t->get('/sub', 'X-Consent' => 2, ':port' => $t->port('wrong'),
                    Cookie => "id=u$_");
    $baked{$r->{body}}++;
}

is(keys %baked, 1, 'the wrong way round: one variant for everybody');

$t->done;
