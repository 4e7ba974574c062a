# Keys: their files, and what is refused.  Tokens: what they hold, whom and
# what they are bound to, where they stand.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use FindBin;
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use POSIX qw(mkfifo);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $KEY = '6b657920' x 8;
my $OLD = '6f6c6421' x 8;

my $generation = $t->publish($t->bundle('a', attributes => {
    i1 => { title => 'token' },
}), 'shop');


sub configure {
    my ($extra) = @_;

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 5; }

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        $extra

        location /recs/ { recs_api; }
    }
}
END
}


sub key_file {
    my ($text, $mode) = @_;

    my $path = $t->write('keys', $text);
    chmod $mode // 0640, $path or die;

    return $path;
}


# --- key files ----------------------------------------------------------------

my @refused = (
    [ 'empty'           => '', qr/"$t->{dir}\/keys" has no key/ ],
    [ 'comments alone'  => "# none\n\n", qr/has no key/ ],
    [ 'no number'       => "$KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'number 0'        => "0 $KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'number 256'      => "256 $KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'a number alone'  => "# x\n7\n", qr/line 2: the key is shorter than 16/ ],
    [ 'a short key'     => "1 $KEY\n2 " . '00' x 15,
      qr/line 2: the key is shorter than 16 bytes, 32 hex digits/ ],
    [ 'a long key'      => '1 ' . '00' x 65, qr/line 1: the key is longer/ ],
    [ 'an odd digit'    => "1 ${KEY}a", qr/line 1: the key is not pairs of/ ],
    [ 'no hex'          => "1 ${KEY}xy", qr/line 1: the key is not pairs of/ ],
    [ 'two words'       => "1 $KEY $KEY", qr/line 1: the key is not pairs/ ],
    [ 'a number twice'  => "1 $KEY\n1 $OLD",
      qr/line 2: another key has this number/ ],
    [ 'a bad third key' => "1 $KEY\n2 $OLD\n3 00",
      qr/line 3: the key is shorter/ ],
    [ 'a NUL byte'      => "1 $KEY\0", qr/line 1: the key is not pairs of/ ],
    [ 'a large file'    => '#' x 16385, qr/"$t->{dir}\/keys" is over 16384/ ],
);

$t->expect(qr/key file "|is duplicate/);

for my $directive (qw(recs_token_key recs_session_key)) {
    configure("$directive keys;");

    for my $case (@refused) {
        my ($name, $text, $message) = @$case;

        key_file($text);

        my ($status, $output) = $t->test;
        isnt($status, 0, "$directive: $name");
        like($output, $message, 'and why');
        unlike($output, qr/\Q$KEY\E/, 'without the key');
    }

    for my $mode (0644, 0642) {
        key_file("1 $KEY\n", $mode);
        my ($status, $output) = $t->test;
        isnt($status, 0, sprintf('%s: mode %04o', $directive, $mode));
        like($output, qr/open to everybody: chmod o-rw/, 'and why');
    }

    unlink $t->path('keys') or die;
    my ($status, $output) = $t->test;
    isnt($status, 0, "$directive: no file");
    like($output, qr/key file "$t->{dir}\/keys" failed \(2: No such file/,
         'and why');

    mkfifo($t->path('keys'), 0600) or die;
    ($status, $output) = $t->test;
    isnt($status, 0, "$directive: a pipe");
    like($output, qr/is not a regular file/, 'is not waited for');
    unlink $t->path('keys') or die;

    configure("$directive keys; $directive keys;");
    key_file("1 $KEY\n");
    ($status, $output) = $t->test;
    isnt($status, 0, "$directive twice");
    like($output, qr/is duplicate/, 'and why');
}

configure('recs_token_key keys; recs_session_key keys;');
key_file("# the signing key\r\n\r\n  255\t \U$KEY\E  \r\n1 $OLD\n2 " . '00' x 64);

my ($status, $output) = $t->test;
is($status, 0, 'three keys, comments, blanks, capitals') or diag($output);

$t->start;
is($t->get('/recs/best')->{status}, 200, 'served with keys');

key_file("1 short\n");
$t->reload_fails(qr/line 1: the key is not pairs of/);
is($t->get('/recs/best')->{status}, 200, 'the old configuration serves on');



# --- tokens -------------------------------------------------------------------

mkdir $t->path('www') or die;
$t->write('www/links.html', '<recs-slot name="best"><template><a '
          . 'href="{{token}}" title="{{token}}" data-x="a={{token}}">{{id}}'
          . '</a><a href="/go?t={{token}}&amp;r={{rank}}">{{token}}</a>'
          . '</template></recs-slot>');

my $rules = <<'END';
recs_token_key keys;
recs_user $arg_user;
recs_consent $arg_consent;
recs_fill on;
recs_event_log %%DIR%%/events flush=50ms;
add_header X-Json $recs_json_best;

location = /event { recs_collect; }

END


# The token's parts; dies of one that these keys have not signed.
sub parts {
    my ($token, %keys) = @_;

    die "no token: $token" if $token !~ /\A[A-Za-z0-9_-]{52,198}\z/;

    my $bytes = decode_base64url($token);
    my $mac = substr $bytes, -16, 16, '';

    my %p;
    (@p{qw(version kid time user number hash8 rank)}, my $propensity,
     @p{qw(item slot experiment variant rest)})
        = unpack 'C C N a8 N H8 C a4 a6 C/a C/a C/a a*', $bytes;

    die "key $p{kid}" if !$keys{ $p{kid} };
    die 'a wrong MAC' if $mac ne substr hmac_sha256("recs-token-1$bytes",
                             pack('H*', $keys{ $p{kid} })), 0, 16;

    $p{propensity} = unpack 'f>', $propensity;
    $p{generation} = sprintf '%06u-%s', @p{qw(number hash8)};

    return \%p;
}


sub user_mac {
    my ($id, $key) = @_;

    return substr hmac_sha256("recs-token-id-1$id", pack('H*', $key)), 0, 8;
}


sub tokens {
    my ($query, $path) = @_;

    my $r = $t->get(($path // '/recs/best') . "?$query");
    return map { $_->{token} } @{ decode_json($r->{body})->{items} };
}

configure($rules);
key_file("7 $KEY\n");
$t->reload;

{
    my $before = time;
    my $r = $t->get('/recs/best?user=u1&consent=2');
    my $after = time;
    my $answer = decode_json($r->{body});
    my %items;

    for my $i (0 .. $#{ $answer->{items} }) {
        my $item = $answer->{items}[$i];
        my $p = parts($item->{token}, 7 => $KEY);

        is($p->{version}, 1, 'version');
        is($p->{slot}, 'best', 'slot');
        is($p->{generation}, $generation, 'generation');
        is("$p->{experiment}$p->{variant}$p->{rest}", '', 'and no more');
        is($p->{rank}, $i + 1, 'rank');
        is($p->{propensity}, 1, 'propensity');
        is($p->{user}, user_mac('u1', $KEY), 'of this visitor');
        ok($p->{time} >= $before - 1 && $p->{time} <= $after, 'now');

        $items{ $p->{item} }++;
    }

    is(keys %items, 5, 'each of its item');
    is_deeply([ sort keys %{ $answer->{items}[0] } ],
              [ qw(category id image score source title token url) ],
              'a field beside the others');

    my $other = parts((tokens('user=u2&consent=1'))[0], 7 => $KEY);
    is($other->{user}, user_mac('u2', $KEY), 'another visitor, consent 1');
    ok($items{ $other->{item} }, 'the same item');

    for my $nobody ('', 'user=u1&consent=0', 'user=u1&consent=x') {
        my $p = parts((tokens($nobody))[0], 7 => $KEY);
        is($p->{user}, user_mac('', $KEY), "nobody's: $nobody");
    }

    my ($header) = $t->head('/recs/best?user=u1&consent=2')->{headers}
        {'x-json'};
    $header = decode_json($header)->{items}[1]{token};
    is(parts($header, 7 => $KEY)->{rank}, 2, 'in $recs_json_best');
}

{
    my $r = $t->get('/links.html?user=u1&consent=2');
    my @links = $r->{body} =~ m{(<a .*?</a><a .*?</a>)}g;

    is(@links, 5, 'five elements');

    for my $i (0 .. $#links) {
        my ($token) = $links[$i] =~ /title="([^"]+)"/;

        is(parts($token, 7 => $KEY)->{rank}, $i + 1, 'a token in a page');
        like($links[$i], qr{\A<a\ href="$token"\ title="$token"
                            \ data-x="a=$token">i\d+</a>
                            <a\ href="/go\?t=$token&amp;r=\d">$token</a>}x,
             'the same wherever it stands');
    }
}


# --- tokens that come back ----------------------------------------------------

# A token as we sign it; `purpose` and all parts can be others.
sub forge {
    my ($key, %p) = @_;

    my $body = pack 'C C N a8 N H8 C a4 a6 C/a C/a C/a',
        $p{version} // 1, @p{qw(kid time user number hash8 rank)},
        pack('f>', $p{propensity}), @p{qw(item slot experiment variant)};

    $body .= $p{more} // '';

    return encode_base64url($body . substr hmac_sha256(
        ($p{purpose} // 'recs-token-1') . $body, pack('H*', $key)), 0, 16);
}


my $clicks = 0;

# Reports [item, token]s as clicks: the events that were logged of them.
sub click {
    my ($query, @clicks) = @_;

    my $r = $t->post("/event?$query", 'Content-Type' => 'application/json',
        ':body' => encode_json([ map { { event => 'click', item => $_->[0],
                                         token => $_->[1] } } @clicks ]));
    is($r->{status}, 204, 'accepted');

    my @events;
    $clicks += @clicks;
    $t->wait_for("$clicks clicks", sub {
        @events = map { decode_json($_) }
                  $t->read('events.0') =~ /(.*"event":"click".*)\n/g;
        return @events == $clicks;
    });

    return @events[-@clicks .. -1];
}


sub verified {
    my ($query, @clicks) = @_;

    return join '', map { $_->{verified} ? 1 : 0 } click($query, @clicks);
}

my $me = 'user=u1&consent=2';
my $answer = decode_json($t->get("/recs/best?$me")->{body});
my ($shown, $next) = @{ $answer->{items} }[2, 3];
my ($id, $token) = @$shown{qw(id token)};
my %parts = %{ parts($token, 7 => $KEY) };

{
    my ($event) = click($me, [ $id, $token ]);

    ok($event->{verified}, 'a click on what was shown');
    is_deeply({ map { $_ => $event->{$_} } qw(slot generation rank propensity
                                              experiment variant user item) },
              { slot => 'best', generation => $generation, rank => 3,
                propensity => 1, experiment => undef, variant => undef,
                user => 'u1', item => $id }, 'and all about it');

    ($event) = click($me, [ $next->{id}, $token ]);
    ok(!$event->{verified}, 'a click on another item');
    ok(!grep({ exists $event->{$_} } qw(slot generation rank propensity)),
       'about which nothing is known');
}

is(verified($me, [ $id, $token ], [ $next->{id}, $next->{token} ],
            [ $id, $next->{token} ], [ 'unknown', $token ], [ $id, '' ]),
   '11000', 'each its own');
is(verified('user=u1&consent=1', [ $id, $token ]), 1, 'measured at 1');

for my $other ('user=u2&consent=2', 'consent=2', 'user=u1&consent=0') {
    is(verified($other, [ $id, $token ]), 0, "not another's: $other");
}

{
    my ($item) = @{ decode_json($t->get('/recs/best?consent=0')->{body})
                    ->{items} };

    is(verified('user=u1&consent=0', [ @$item{qw(id token)} ]), 1,
       "nobody's from nobody");
    is(verified($me, [ @$item{qw(id token)} ]), 0, 'and from nobody else');
}

# Every character counts, and there is no other text of the same token.
{
    my @altered = map {
        my $other = $token;
        my $c = substr $other, $_, 1;
        substr $other, $_, 1, $c eq 'A' ? 'B' : 'A';
        $other;
    } 0 .. length($token) - 1;

    push @altered, map { substr $token, 0, $_ } 1, 20, 60,
                   length($token) - 1;
    push @altered, "${token}A", "${token}AA", "$token=", " $token",
                   "${token}AAAA", 'A' x 198, 'A' x 199, '-_' x 99;

    while (my @some = splice @altered, 0, 64) {
        is(verified($me, map { [ $id, $_ ] } @some), '0' x @some,
           @some . ' altered tokens');
    }
}

# The visitor's clock counts for nothing, ours for 24 hours both ways.
{
    my $now = time;

    is(verified($me, map { [ $id, forge($KEY, %parts, time => $now + $_) ] }
                0, -86340, -86460, 86340, 86460, -1e9),
       '110100', 'a day, before and after');

    is(verified($me, map { [ $id, forge($KEY, %parts, %$_) ] }
                { slot => 'gone', experiment => 'e' x 32, variant => 'b',
                  number => 999999, hash8 => '0000000a', rank => 255,
                  propensity => 0.25 },
                { version => 2 }, { kid => 6 }, { kid => 0 },
                { purpose => 'recs-session-1' }, { purpose => '' },
                { more => 'x' }, { slot => 's' x 33 },
                { propensity => 9**9**9 }),
       '100000000', 'what we have signed, and not signed so');

    my ($event) = click($me, [ $id, forge($KEY, %parts, slot => 'gone',
        experiment => 'e' x 32, variant => 'b', number => 999999,
        hash8 => '0000000a', rank => 100, propensity => 0.25) ]);

    is_deeply({ map { $_ => $event->{$_} } qw(slot generation rank propensity
                                              experiment variant) },
              { slot => 'gone', generation => '999999-0000000a', rank => 100,
                propensity => 0.25, experiment => 'e' x 32, variant => 'b' },
              'names come back as they were');

    is(verified($me, [ $id, forge($OLD, %parts) ]), 0, 'a key of others');
}

# A new key signs from the reload on.
key_file("8 $OLD\n7 $KEY\n");
$t->reload;

{
    my $p = parts((tokens('user=u1&consent=2'))[0], 8 => $OLD);
    is($p->{user}, user_mac('u1', $OLD), 'all under the new key');
    is(verified($me, [ $id, $token ]), 1, 'the old one is accepted');
}

# Another generation, the old key gone from the live two.
$generation = $t->publish($t->bundle('a', seed => 2), 'shop');
$t->reload;
is(verified($me, [ $id, $token ]), 1, 'after another generation');
key_file("8 $OLD\n9 " . '00' x 16 . "\n7 $KEY\n");
$t->reload;
is(verified($me, [ $id, $token ]), 0, 'not by the third key');

# Names and answers as long as they may be.
{
    my $name = 'a' x 32;

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot $name { model shop; strategy popular; count 30; }
    recs_token_key keys;

    server {
        listen 127.0.0.1:%%PORT%%;
        location /recs/ { recs_api; }
    }
}
END
    $t->reload;

    my @tokens = tokens('', "/recs/$name");
    my @parts = map { parts($_, 8 => $OLD) } @tokens;

    is(@parts, 30, 'an answer that is longer than the first buffer');
    is($parts[29]{slot}, $name, 'a slot of 32 letters');
    is($parts[29]{rank}, 30, 'and the last rank');
}

# Without a key there are no tokens, but the placeholder stands for nothing.
configure('recs_fill on;');
$t->reload;

{
    my $answer = decode_json($t->get('/recs/best')->{body});
    ok(!grep({ exists $_->{token} } @{ $answer->{items} }),
       'no key, no token');

    like($t->get('/links.html')->{body},
         qr{<a\ href=""\ title=""\ data-x="a=">i\d+</a>
            <a\ href="/go\?t=&amp;r=1"></a>}x,
         'and {{token}} is empty');
}

$t->done;
