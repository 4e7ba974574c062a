# recs_api, and the variables that say the same.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $hostile = '</script><b a="x" b=\'y\'>&' . "\x{2028}\x{2029}\\";
utf8::encode($hostile);

my $bundle = $t->bundle('a', attributes => {
    map { ("i$_" => { title => $hostile }) } 1 .. 30
});
my $generation = $t->publish($bundle, 'shop');
$t->bundle('b', seed => 2, attributes => {
    i2 => { title => '<' x 1500 }, i4 => { title => 'x' x 3000 }
});

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model twin %%DIR%%/b.mdb;
    recs_model gone %%DIR%%/gone optional;

    recs_slot for_you { model shop; count 5; }
    recs_slot similar { model shop; strategy similar; }
    recs_slot popular { model shop; strategy popular; count 3; }
    recs_slot again { model twin; strategy popular; count 3; }
    recs_slot anything { model shop; exclude none; }
    recs_slot nothing { model gone; }

    log_format ids '$request_uri [$recs_ids_for_you] [$recs_source_for_you] '
                   '[$recs_ids_popular] [$recs_reason_for_you] '
                   '[$recs_generation_shop] [$recs_user]';

    map $arg_loop $loop { default "$recs_ids_for_you"; }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/ids.log ids;

        recs_user $cookie_uid;
        recs_consent $consent;

        set $consent 2;

        location /recs/ { recs_api; }
        location /nested { recs_api; }
        location /expires/ { recs_api; expires 1h; etag on; }
        location /public/ { recs_api; recs_cache_control "public, max-age=9"; }
        location /none/ { recs_api; recs_cache_control "$arg_nothing"; }
        location /sku/ { recs_api; recs_item $arg_sku; }
        location /asked/ {
            set $consent $arg_consent;
            recs_api;
        }
        location /unasked/ { recs_api; recs_user ""; }
        location /ssi/ { ssi on; ssi_types text/html; root %%DIR%%; }
        location /sub/ { recs_api; }
        location /moved/ { rewrite ^/moved/(.*) /recs/$1 last; }
        location /elsewhere/ { rewrite ^ /x break; recs_api; }
        location /loop { recs_user $loop; return 200 "[$recs_ids_for_you]"; }

        location /page {
            return 200 "$recs_ids_for_you|$recs_ids_popular|$recs_ids_again";
        }
        location /page2 {
            recs_dedupe off;
            return 200 "$recs_ids_for_you|$recs_ids_popular|$recs_ids_again";
        }
        location /json { return 200 '$recs_json_for_you'; }
        location /html { return 200 '$recs_slot_for_you'; }
        location /words {
            return 200 '$recs_source_nothing $recs_reason_nothing [$recs_slot_nothing] $recs_user';
        }
        location /redirected {
            set $ids $recs_ids_for_you;
            try_files /none @named;
        }
        location @named { recs_user ""; return 200 '$recs_json_for_you'; }
    }

    server {
        listen 127.0.0.1:%%PORT_bare%%;
        recs_user $cookie_uid;

        location "" { recs_api; }
        location /led/ { rewrite /led/(.*) /$1 last; }
    }
}
END

mkdir $t->path('ssi');
$t->write('ssi/page.html', '[<!--# include virtual="/sub/popular?count=2" -->]'
          . '[<!--# include virtual="/sub/popular?count=2" -->]'
          . '[<!--# echo var="recs_ids_nonesuch" default="no" -->]');

$t->start;


sub ids { return join ',', map { $_->{id} } @{ $_[0]{json}{items} } }

sub as { return $t->json($_[1], Cookie => "uid=$_[0]") }


# --- an answer -------------------------------------------------------------

my $r = as('u1', '/recs/for_you');

is($r->{status}, 200, 'an answer');
is($r->{headers}{'content-type'}, 'application/json', 'its type');

my %titles = map { $_->{id} => $_->{title} }
    @{ as('u1', '/recs/again?count=30')->{json}{items} };

is($titles{i2}, '<' x 1500, 'a long answer, escaped');
is($titles{i4}, 'x' x 3000, 'a long answer');
is(keys %titles, 30, 'a whole long answer');
is($r->{headers}{'x-content-type-options'}, 'nosniff', 'and nothing else');
is($r->{headers}{'cache-control'}, 'private, no-store', 'for nobody else');
is($r->{headers}{'content-length'}, length $r->{body}, 'its length');
is($r->{json}{slot}, 'for_you', 'slot');
is($r->{json}{source}, 'personal', 'source');
is($r->{json}{model}, 'shop', 'model');
is($r->{json}{generation}, $generation, 'generation');
ok(!exists $r->{json}{reason}, 'no reason where there is none');
is(scalar @{ $r->{json}{items} }, 5, "the slot's count");

my $item = $r->{json}{items}[0];

is_deeply([sort keys %$item], [qw(category id image score source title url)],
          'an item and its attributes');
is(ref \$item->{title}, 'SCALAR', 'an attribute is a string');
like($r->{body}, qr/"score":-?\d+(?:\.\d+)?(?:e[-+]\d+)?,"source":"personal"/,
     'a score is a number');
is(ids($r), join(',', $t->offline($bundle, 'u1', 5)), 'the offline answer');
isnt(ids($r), ids(as('u2', '/recs/for_you')), 'another visitor, another list');

my $title = $hostile;
utf8::decode($title);
is($item->{title}, $title, 'a hostile attribute comes back whole');
unlike($r->{body}, qr/[<>&']|\xe2\x80[\xa8\xa9]/,
       'and leaves no script or attribute');

# --- the ladder ------------------------------------------------------------

for (['nobody', 'u1', '/unasked/for_you', 'popular', 'no_user'],
     ['a stranger', 'x', '/recs/for_you', 'popular', 'unknown_user'],
     ['no consent', 'u1', '/asked/for_you?consent=0', 'popular', 'no_consent'],
     ['measure only', 'u1', '/asked/for_you?consent=1', 'popular',
      'no_consent'],
     ['consent', 'u1', '/asked/for_you?consent=2', 'personal', undef],
     ['consent that is empty', 'u1', '/asked/for_you?consent=', 'popular',
      'no_consent'],
     ['consent that is a word', 'u1', '/asked/for_you?consent=yes', 'popular',
      'no_consent'],
     ['consent 22', 'u1', '/asked/for_you?consent=22', 'popular',
      'no_consent'],
     ['similar to nothing', 'u1', '/recs/similar', 'popular', 'no_item'],
     ['similar to a stranger', 'u1', '/recs/similar?item=x', 'popular',
      'unknown_item'],
     ['similar', 'u1', '/recs/similar?item=i3', 'similar', undef],
     ['similar without consent', 'u1', '/asked/similar?consent=0&item=i3',
      'similar', undef],
     ['a model that is not there', 'u1', '/recs/nothing', 'fallback',
      'no_model'])
{
    my ($what, $user, $uri, $source, $reason) = @$_;
    my $answer = as($user, $uri);

    is($answer->{json}{source}, $source, "$what: source");
    is($answer->{json}{reason}, $reason, "$what: reason");
}

is($t->raw("GET /recs/for_you HTTP/1.0\r\nCookie: uid=" . ('u' x 129)
           . "\r\n\r\n") =~ /no_user/, 1, 'an id too long is none');

is_deeply(as('u1', '/recs/nothing')->{json}{items}, [], 'nothing to show');
ok(!grep({ $_->{id} eq 'i3' }
         @{ as('u1', '/recs/similar?item=i3')->{json}{items} }),
   'similar leaves its own item out');
is(ids(as('u1', '/recs/similar?item=%693')),
   ids(as('u1', '/recs/similar?item=i3')), 'an item percent-encoded');
is(ids(as('u1', '/sku/similar?sku=i3')),
   ids(as('u1', '/recs/similar?item=i3')), 'recs_item');
is(ids(as('u1', '/sku/similar?sku=i5&item=i3')),
   ids(as('u1', '/recs/similar?item=i3')), 'the parameter goes before it');

# --- parameters ------------------------------------------------------------

is(scalar @{ as('u1', "/recs/for_you?count=$_")->{json}{items} }, $_,
   "count $_") for 1, 4, 9;
is(scalar @{ as('u1', '/recs/anything?count=100')->{json}{items} }, 30,
   'no more items than there are');
is(scalar @{ as('u1', '/recs/for_you?explain=1&a&b=&=c&count=2')->{json}{items}
             }, 2, 'other parameters are not ours');

my @all = split /,/, ids(as('u1', '/recs/for_you'));

is(ids(as('u1', "/recs/for_you?exclude=$all[0],$all[2]&count=3")),
   join(',', @all[1, 3, 4]), 'exclude');
is(ids(as('u1', '/recs/for_you?exclude=')), join(',', @all), 'exclude none');
is(ids(as('u1', '/recs/for_you?exclude=stranger')), join(',', @all),
   'exclude what is not there');
is(ids(as('u1', '/recs/for_you?exclude=' . join '%2C', @all)),
   join(',', @all), 'an encoded comma is part of an id');

my $thousand = join ',', 1 .. 1000;

is($t->json("/recs/for_you?exclude=$thousand")->{status}, 200, '1000 ids');

for (['count=0', 'count'], ['count=-1', 'count'], ['count=101', 'count'],
     ['count=1000000000', 'count'], ['count=1e9', 'count'],
     ['count=abc', 'count'], ['count=', 'count'], ['count', 'count'],
     ['count=99999999999999999999999', 'count'], ['count=+5', 'count'],
     ['count=5%20', 'count'], ['count=2&count=3', 'count'],
     ['item=', 'item'], ['item=%', 'item'], ['item=%4', 'item'],
     ['item=%zz', 'item'], ['item=a%00b', 'item'], ['item=%0d%0a', 'item'],
     ['item=%ff', 'item'], ['item=' . 'a' x 129, 'item'],
     ['item=i1&item=i2', 'item'],
     ['exclude=,', 'exclude'], ['exclude=i1,,i2', 'exclude'],
     ['exclude=i1,', 'exclude'], ['exclude=%c0%80', 'exclude'],
     ['exclude=i1,%00', 'exclude'], ["exclude=$thousand,1", 'exclude'],
     ['exclude=i1&exclude=i2', 'exclude'])
{
    my ($query, $name) = @$_;
    my $answer = as('u1', "/recs/for_you?$query");
    my $short = length $query < 30 ? $query : substr($query, 0, 30) . '...';

    is($answer->{status}, 400, "$short is malformed");
    like($answer->{json}{error} // '', qr/^malformed parameter "$name": /,
         "$short: the message names it");
    is($answer->{headers}{'cache-control'}, 'private, no-store',
       "$short: not to be kept");
}

is($t->get('/recs/for_you?exclude=' . 'i1,' x 350_000)->{status}, 414,
   'a query of a megabyte');

# --- where -------------------------------------------------------------------

is(as('u1', $_)->{status}, 404, "$_ is no slot")
    for qw(/recs/ /recs/x /recs/for_you/ /recs/for_you/x /recs/For_You
           /nested /nestedfor_you /elsewhere/for_you);
is(as('u1', '/nested/for_you')->{status}, 200, 'a location without a slash');
is(ids(as('u1', '/moved/for_you')), join(',', @all), 'after a redirect');
is(ids(as('u1', '/recs//./for_you')), join(',', @all), 'an untidy URI');

for my $method (qw(POST PUT DELETE OPTIONS PATCH)) {
    my $answer = $t->request($method, '/recs/for_you', ':body' => 'x=1');

    is($answer->{status}, 405, $method);
    is($answer->{headers}{allow}, 'GET, HEAD', "$method: what is allowed");
}

my $head = $t->head('/recs/for_you', Cookie => 'uid=u1');

is($head->{status}, 200, 'HEAD');
is($head->{body}, '', 'HEAD: no body');
is($head->{headers}{'content-length'}, $r->{headers}{'content-length'},
   'HEAD: the length that it would have');

is($t->request('GET', '/recs/for_you', ':version' => '1.0',
               Cookie => 'uid=u1')->{body}, $r->{body}, 'HTTP/1.0');

# --- headers ------------------------------------------------------------------

my $expires = as('u1', '/expires/for_you');

is($expires->{headers}{'cache-control'}, 'private, no-store',
   '`expires` has not the last word');
ok(!exists $expires->{headers}{$_}, "no $_") for qw(expires etag last-modified);
is(as('u1', '/public/for_you')->{headers}{'cache-control'},
   'public, max-age=9', 'recs_cache_control has');
is(as('u1', '/none/for_you')->{headers}{'cache-control'},
   'private, no-store', 'but not by an empty value');

# --- in a page ----------------------------------------------------------------

my @popular = split /,/, ids($t->json('/recs/popular?count=4'));

my $included = $t->get('/ssi/page.html')->{body};

is(join(',', $included =~ /"id":"(\w+)"/g), join(',', @popular),
   'two includes of a slot show four items');
like($included, qr/\[no\]$/, 'a slot unknown to the configuration is empty');

my ($mine, $best, $twin) = split /\|/, as('u1', '/page')->{body};

is($mine, join(',', @all), 'three slots on a page: the first');
my %met;
is(scalar grep({ $met{$_}++ } split(/,/, "$mine,$best,$twin")), 0,
   'no item twice, of two models of one catalogue neither');
(undef, $best, $twin) = split /\|/, as('u1', '/page2')->{body};
%met = ();
is($best, join(',', @popular[0 .. 2]), 'recs_dedupe off');
is($twin, ids($t->json('/recs/again')),
   'recs_dedupe off: whatever came before');
cmp_ok(scalar grep({ $met{$_}++ } split(/,/, "$mine,$best,$twin")), '>', 0,
       'recs_dedupe off: then items come twice');

is(as('u1', '/json')->{body}, $r->{body}, '$recs_json_');
unlike(as('u1', '/html')->{body}, qr/<b|\n/, '$recs_slot_ is escaped');
like(as('u1', '/html')->{body}, qr{^<a href="/item/\w+">}, 'plain links');
is(as('u9', '/words')->{body}, 'fallback no_model [] u9', 'words');
is(ids(as('u1', '/redirected')), join(',', @all),
   'what is computed survives an internal redirect');
like(as('u1', '/loop')->{body}, qr/^\[\w+/, 'a visitor named after a slot');

# --- the log -------------------------------------------------------------------

unlink $t->path('ids.log');
kill 'USR1', $t->master;
$t->wait_for('the log', sub { -e $t->path('ids.log') });
as('u1', '/recs/for_you');
as('u1', '/recs/popular');
as('u1', '/recs/for_you?count=0');

my @lines = $t->wait_for('three lines', sub {
    my @read = split /\n/, $t->read('ids.log');
    return @read == 3 ? \@read : 0;
})->@*;

is($lines[0], '/recs/for_you [' . join(',', @all) . '] [personal] [-] [] '
   . "[$generation] [u1]", 'the log says what was answered');
is($lines[1], '/recs/popular [-] [-] [' . join(',', @popular[0 .. 2])
   . "] [-] [$generation] [u1]", 'and computes nothing for itself');
like($lines[2], qr/\[-\] \[-\] \[-\] \[-\]/, 'nor after an error');

is($t->json('/recs/for_you')->{status}, 200, 'and it serves on');

$t->done;
