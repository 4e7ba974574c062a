# recs_fill: the bytes of a filled page do not depend on how they came.

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

my $bundle = $t->bundle('a', attributes => {
    i3 => { title => '<b>"3" & \'three\'</b>', url => 'javascript:alert(3)' },
    i5 => { title => '', url => 'https://example.com/?a=1&b="2"' },
});
$t->publish($bundle, 'shop');

my $v2 = $t->has('http_v2_module') ? 'http2' : '';

$t->conf(<<"END");
http {
    %%HTTP%%

    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

    recs_model shop %%DIR%%/shop;
    recs_model gone %%DIR%%/gone optional;

    recs_slot for_you { model shop; count 8; }
    recs_slot popular { model shop; strategy popular; count 8; }
    recs_slot second { model shop; count 3; }
    recs_slot third { model shop; count 3; }
    recs_slot alone { model shop; count 3; exclude none; }
    recs_slot nothing { model gone; }

    recs_user \$cookie_uid;
    recs_fill on;

    proxy_set_header Accept-Encoding "";
    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen 127.0.0.1:%%PORT%%;

        location /buffered/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
        }

        location /unbuffered/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_buffering off;
        }

        location /tiny/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_buffer_size 1k;
            proxy_buffers 2 1k;
            proxy_busy_buffers_size 1k;
            postpone_output 1;
        }

        location /cached/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_cache pages;
            proxy_cache_key \$uri;
            proxy_cache_valid 200 1h;
            output_buffers 2 1k;
            add_header X-Cache \$upstream_cache_status;
        }

        location /gzip/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            gzip on;
            gzip_min_length 0;
            gzip_proxied any;
        }

        location /small/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            recs_fill_max_size 128;
        }

        location /static/ {
            alias %%DIR%%/static/;
        }

        location /ssi/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            ssi on;
        }

        location /duplicates/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            recs_dedupe off;
        }

        location /recs/ { recs_api; }
        location /status { recs_status; }
    }

    server {
        listen 127.0.0.1:%%PORT_h2%% $v2;

        location / { proxy_pass http://127.0.0.1:%%PORT_origin%%/; }
    }
}
END

mkdir $t->path('static');
$t->start;


# --- the oracle: what a page becomes, from the API's own answers -----------

my %titles = map { ("i$_" => "Item $_") } 1 .. 30;
$titles{i3} = '&lt;b&gt;&quot;3&quot; &amp; &#39;three&#39;&lt;/b&gt;';
$titles{i5} = '';

my %urls = map { ("i$_" => "/item/i$_") } 1 .. 30;
$urls{i3} = '';
$urls{i5} = 'https://example.com/?a=1&amp;b=&quot;2&quot;';

my %lists;

sub ids {
    my ($slot, $user, @exclude) = @_;

    my $exclude = join ',', @exclude;

    return @{ $lists{"$slot $user $exclude"} //= do {
        my $r = $t->json("/recs/$slot?exclude=$exclude",
                         Cookie => "uid=$user");
        [map { $_->{id} } @{ $r->{json}{items} }];
    } };
}

sub cards {
    my ($n, @ids) = @_;

    splice @ids, $n if @ids > $n;

    my $rank = 0;
    return join '', map {
        $rank++;
        "<a class=\"c\" href=\"$urls{$_}\">$rank $titles{$_} $_</a>";
    } @ids;
}

my $card = '<template><a class="c" href="{{url}}">{{rank}} {{title}} {{id}}'
           . '</a></template>';

my $page = "<!doctype html><title><recs-slot name=\"for_you\"></recs-slot>"
    . "</title>\n<!-- <recs-slot name=\"for_you\">--><p class='<recs-slot>'>"
    . "\n<recs-slot name=\"for_you\" count=\"4\">\n$card\n<p>Our best</p>\n"
    . "</recs-slot>\n<script>'<recs-slot name=\"for_you\"></recs-slot>'"
    . "</script>" . 'filler ' x 300
    . "<recs-slot name=\"popular\" count=\"3\">$card</recs-slot><r><re>"
    . "<recs-slot name=\"for_you\" count=\"2\">$card</recs-slot>"
    . "<recs-slot name=\"unknown\">$card stays</recs-slot>"
    . "<recs-slot name=\"nothing\">$card stays too</recs-slot>"
    . "<recs-slot name=\"for_you\"><template><script>{{id}}</script>"
    . "</template>stays</recs-slot>"
    . "<recs-slot name=\"for_you\" count=\"x\">$card stays</recs-slot>"
    . "<recs-slot name=\"for_you\">$card never closed <rec";

# Elements in order; what is not filled is as it was.
sub expected {
    my ($user) = @_;

    my @for_you = ids('for_you', $user);
    my @popular = ids('popular', $user, @for_you);
    my $want = $page;

    my %cards = (
        'for_you 4' => cards(4, @for_you),
        'popular 3' => cards(3, @popular),
        'for_you 2' => cards(2, @for_you),
    );

    for my $key (keys %cards) {
        my ($slot, $count) = split ' ', $key;

        $want =~ s{(<recs-slot name="$slot" count="$count">).*?(</recs-slot>)}
                  {$1$cards{$key}$2}s;
    }

    return $want;
}

sub cut {
    my ($text, $n) = @_;
    return [unpack "(a$n)*", $text];
}

sub same {
    my ($got, $want, $name) = @_;

    ok($got eq $want, $name) or do {
        my ($i) = ("$got" ^ "$want") =~ /^(\0*)/ ? length $1 : 0;
        diag("differs at $i: got ", substr($got, $i, 60), ' want ',
             substr($want, $i, 60));
    };
}


isnt(expected('u1'), $page, 'the oracle fills');
isnt(expected('u1'), expected('u2'), 'for each visitor otherwise');


# --- chunking x path x visitor ------------------------------------------------

for my $n (1, 2, 3, 7, 13, 64, 1000, 65536) {
    $origin->page("/$n", chunks => cut($page, $n));

    for my $mode (qw(buffered unbuffered tiny cached gzip)) {
        for my $user ('u1', 'u2', 'nobody') {
            my $r = $t->get("/$mode/$n", Cookie => "uid=$user");

            same($r->{body}, expected($user), "$mode, chunks of $n, $user");
            is($r->{truncated}, 0, 'whole') if $r->{truncated};
        }
    }

    is($t->get("/cached/$n")->{headers}{'x-cache'}, 'HIT', 'cached once');
}

# Every cut in two around the first element.

my $short = substr $page, 0, index($page, "\n<script>");
(my $short_want = expected('u1')) =~ s/\n<script>.*//s;

for my $at (60 .. length($short) - 1) {
    $origin->page('/two', chunks => [substr($short, 0, $at),
                                     substr($short, $at)]);
    my $r = $t->get('/unbuffered/two', Cookie => 'uid=u1');

    next if $r->{body} eq $short_want;
    same($r->{body}, $short_want, "cut at $at");
}

pass('cut in two at every byte');


# --- protocols -----------------------------------------------------------------

{
    my $r = $t->get('/gzip/64', Cookie => 'uid=u1',
                    'Accept-Encoding' => 'gzip');
    is($r->{headers}{'content-encoding'}, 'gzip', 'compressed for the client');
    gunzip(\$r->{body}, \my $body);
    same($body, expected('u1'), 'gzip');

    $r = $t->get('/buffered/64', Cookie => 'uid=u1', ':version' => '1.0');
    same($r->{body}, expected('u1'), 'HTTP/1.0');
    is($r->{headers}{'content-length'}, undef, 'no length that would lie');

    $r = $t->head('/cached/64', Cookie => 'uid=u1');
    is($r->{body}, '', 'HEAD');
    is($r->{headers}{'content-length'}, undef, 'HEAD: no length');
}

SKIP: {
    skip 'no HTTP/2 or no curl', 1 unless $v2 && !system 'curl -V >/dev/null';

    my ($status, $body) = $t->run('curl', '-s', '--http2-prior-knowledge',
        '-b', 'uid=u1', 'http://127.0.0.1:' . $t->port('h2') . '/7');
    same($body, expected('u1'), 'HTTP/2');
}

{
    $t->write('static/p.html', $page);
    my $r = $t->get('/static/p.html', Cookie => 'uid=u2');
    same($r->{body}, expected('u2'), 'a file');

    $t->write('static/empty.html', '');
    $r = $t->get('/static/empty.html');
    is($r->{status}, 200, 'an empty file');
    is($r->{body}, '', 'stays empty');
}

# Subrequests are not pages; what they bring into one is not filled.
{
    $origin->page('/part', body => "<recs-slot name=\"popular\">part"
                                   . '</recs-slot>');
    $origin->page('/whole', body => '<!--# include virtual="/ssi/part" -->'
        . "<recs-slot name=\"popular\" count=\"2\">$card</recs-slot>");

    my $r = $t->get('/ssi/whole');
    same($r->{body}, '<recs-slot name="popular">part</recs-slot>'
         . '<recs-slot name="popular" count="2">'
         . cards(2, ids('popular', 'nobody')) . '</recs-slot>', 'SSI');
}

# An answer streams: what stands before an element is not kept back by it.
{
    $origin->page('/slow', chunks => ['before <recs-slot name="popular" ',
        { wait => 'later' }, "count=\"1\">$card</recs-slot>after"]);

    my $socket = $t->socket;
    $socket->syswrite("GET /unbuffered/slow HTTP/1.1\r\nHost: a\r\n"
                      . "Connection: close\r\n\r\n");
    my $answer = '';
    $t->wait_for('the first bytes', sub {
        $socket->sysread($answer, 4096, length $answer);
        return $answer =~ /before /;
    });
    unlike($answer, qr/recs-slot/, 'the element is held back');
    $origin->open_gate('later');
    1 while $socket->sysread($answer, 4096, length $answer);
    like($answer, qr/before /, 'bytes before it are not');
    like($t->parse($answer)->{body},
         qr{count="1"><a class="c".*</a></recs-slot>after$}, 'then it comes');
}


# --- limits ----------------------------------------------------------------------

{
    my $element = "<recs-slot name=\"popular\" count=\"1\">$card</recs-slot>";
    my $filled = '<recs-slot name="popular" count="1">'
                 . cards(1, ids('popular', 'nobody')) . '</recs-slot>';

    $origin->page('/twenty', body => $element x 20);
    same($t->get('/buffered/twenty')->{body}, $filled x 16 . $element x 4,
         'sixteen of a page');

    $origin->page('/large', body => "<recs-slot name=\"popular\">"
                  . 'x' x 200 . "</recs-slot>$element");
    same($t->get('/small/large')->{body}, "<recs-slot name=\"popular\">"
         . 'x' x 200 . "</recs-slot>$filled", 'one that is too large');

    $origin->page('/plain', body => '<recs-slot name="popular" count="2">'
                                    . 'x</recs-slot>');
    like($t->get('/buffered/plain')->{body},
         qr{^<recs-slot\ name="popular"\ count="2">
            (?:<a\ href="[^"]+">[^<]+</a>\s*){2}</recs-slot>$}x,
         'plain links without a template');

    my $two = "<recs-slot name=\"for_you\" count=\"8\">$card</recs-slot>"
              . "<recs-slot name=\"popular\" count=\"8\">$card</recs-slot>";
    $origin->page('/both', body => $two);

    # A page that comes often is remembered, not what was shown in it.

    for my $user (qw(u1 u2 u1 u2 u3)) {
        same($t->get('/duplicates/both', Cookie => "uid=$user")->{body},
             '<recs-slot name="for_you" count="8">'
             . cards(8, ids('for_you', $user))
             . '</recs-slot><recs-slot name="popular" count="8">'
             . cards(8, ids('popular', $user)) . '</recs-slot>',
             "a page that came before, $user");
    }

    # Slots that ask the same share a search, once the page is known.

    my @names = qw(second popular for_you third alone);
    $origin->page('/alike', body => join '', map {
        "<recs-slot name=\"$_\">$card</recs-slot>"
    } @names);

    for my $user (qw(u1 u2 u1 u2 u3 nobody)) {
        my ($want, @shown) = ('');

        for my $name (@names) {
            my @ids = ids($name, $user, @shown);
            push @shown, @ids;
            $want .= "<recs-slot name=\"$name\">" . cards(scalar @ids, @ids)
                     . '</recs-slot>';
        }

        same($t->get('/buffered/alike', Cookie => "uid=$user")->{body},
             $want, "slots that ask the same, $user");
    }

    my $half = $element x 9 . '.' x 3000;
    $origin->page('/often', body => $half . $half);

    same($t->get('/tiny/often')->{body},
         $filled x 9 . '.' x 3000 . $filled x 7 . $element x 2 . '.' x 3000,
         "no seventeenth, $_") for 1 .. 4;

    my %seen;
    my $body = $t->get('/buffered/both', Cookie => 'uid=u1')->{body};
    $seen{$_}++ for $body =~ /(i\d+)<\/a>/g;
    is(scalar keys %seen, 16, 'no item twice on a page');

    $body = $t->get('/duplicates/both', Cookie => 'uid=u1')->{body};
    same($body, '<recs-slot name="for_you" count="8">'
         . cards(8, ids('for_you', 'u1'))
         . '</recs-slot><recs-slot name="popular" count="8">'
         . cards(8, ids('popular', 'u1')) . '</recs-slot>',
         'recs_dedupe off');
}

{
    my $fill = $t->json('/status')->{json}{fill};

    cmp_ok($fill->{filled}, '>', 100, 'counted: filled');
    cmp_ok($fill->{$_}, '>', 0, "counted: $_")
        for qw(empty unknown_slot too_large too_many malformed bad_template);
}

$t->done;
