# What a visitor keeps of experiments: his variant, in a signed cookie, over
# changes of weights and until its bucket version is another; and what a
# tester forces, by a token.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use FindBin;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url decode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my %secret = map { $_ => chr(96 + $_) x 32 } 1 .. 3;

my $t = RecsNginx->new;
my $shop = $t->publish($t->bundle('a'), 'shop');

mkdir $t->path('www');
$t->write('www/page.html', '<recs-slot name="for_you">-</recs-slot>');


sub keys_are {
    my ($name, @kids) = @_;

    $t->write($name, join '', map { "$_ " . unpack('H*', $secret{$_}) . "\n" }
                              @kids);
    chmod 0600, $t->path($name);
}


# The experiment's lines that a test changes.
sub configure {
    my (%given) = @_;

    my $weights = $given{weights} // '50 50';
    my ($a, $b) = split ' ', $weights;
    my $sticky = $given{sticky} // '';

    return $t->conf(<<"END", workers => 1);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 4; }

    recs_session_key %%DIR%%/keys;
    recs_consent \$http_x_consent\$consent_default;
    map \$http_x_consent \$consent_default { '' 2; default ''; }

    recs_experiment kept {
        unit \$arg_user \$arg_anon;
        variant a $a;
        variant b $b;
        sticky on $sticky;
        expose;
    }

    recs_experiment other { unit \$arg_user; variant x 50; variant y 50; }
    recs_experiment never { unit \$arg_user; override off;
                            variant x 100; variant y 0; }
    recs_experiment plain { unit \$arg_user; override query;
                            variant x 100; variant y 0; }
    recs_experiment slots { slot for_you; sticky on;
                            variant one 50 count=1; variant two 50 count=2; }

    recs_event_log %%DIR%%/events flush=10ms;
    recs_user \$arg_user;
    recs_visitor_cookie off;
    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        location /kept { return 200 "\$recs_variant_kept"; }
        location /all { return 200
            "\$recs_variant_other \$recs_variant_never \$recs_variant_plain"; }
        location /moved { return 302 "/\$recs_variant_kept"; }
        location /none { add_header X-Variant \$recs_variant_kept always;
                         return 404; }
        location /page.html { recs_fill on; }
        location /status { recs_status; }

        location /cached {
            proxy_cache pages;
            proxy_cache_key \$uri\$recs_variant_kept;
            proxy_pass http://127.0.0.1:%%PORT%%/origin;
            add_header X-Cache \$upstream_cache_status;
        }

        location /origin { expires 1h; recs_consent 0; return 200 page; }
    }
}
END
}


# A page for a user, with what he brings: its body, and the cookie it sets.
sub ask {
    my ($uri, $cookie, @headers) = @_;

    my $r = $t->get($uri, ($cookie ? (Cookie => "recs_sticky=$cookie") : ()),
                    @headers);
    my ($set) = ($r->{headers}{'set-cookie'} // '')
                =~ /^(recs_sticky=.*)$/m;

    return { %$r, set => $set,
             cookie => ($set // '') =~ /^recs_sticky=([^;]+)/ ? $1 : undef };
}


sub sticky { return $t->json('/status')->{json}{sticky} }

sub again { configure(@_); $t->reload; return }

# Of experiment `kept`; what was asked before is counted, by the one worker.
sub kept {
    return (grep { $_->{name} eq 'kept' }
            @{$t->json('/status')->{json}{experiments}})[0];
}

sub units { return join ' ', map { $_->{units} } @{kept()->{variants}} }


# A ticket's body with another time, or whatever, signed with a live key.
sub sign {
    my ($purpose, $body, %given) = @_;

    my $kid = $given{kid} // 1;
    my $mac = substr hmac_sha256("$purpose\0$body", $given{secret}
                                                    // $secret{$kid}), 0, 16;

    return encode_base64url($body . chr($kid) . $mac);
}


sub body { return substr decode_base64url($_[0]), 0, -17 }


sub at {
    my ($body, $time) = @_;

    substr $body, 1, 4, pack 'V', $time;

    return $body;
}


keys_are('keys', 1);
configure();
$t->start;


# --- kept --------------------------------------------------------------------

my %of;                                       # user => [variant, cookie]

for my $user (map { "u$_" } 1 .. 12) {
    my $r = ask("/kept?user=$user");
    $of{$user} = [$r->{body}, $r->{cookie}];
}

my ($in_a, $too) = grep { $of{$_}[0] eq 'a' } sort keys %of;
my ($in_b) = grep { $of{$_}[0] eq 'b' } sort keys %of;

my $r = ask("/kept?user=$in_a");

is($r->{body}, 'a', 'the same user, the same variant');
like($r->{set}, qr{^recs_sticky=[\w-]{40,244};\ Max-Age=33696000;\ Path=/;
                   \ Secure;\ HttpOnly;\ SameSite=Lax$}x, 'it is to be kept');
is($r->{headers}{'cache-control'}, 'private, no-store', 'by nobody else');

$r = ask("/kept?user=$in_a", $of{$in_a}[1]);

is($r->{body}, 'a', 'who has it keeps it');
is($r->{set}, undef, 'and does not get it again');
is($r->{headers}{'cache-control'}, undef, 'so that the response is anybody\'s');

again(weights => '0 100');

is(ask("/kept?user=$in_a")->{body}, 'b', 'new weights: another variant');
is(ask("/kept?user=$in_a", $of{$in_a}[1])->{body}, 'a',
   'but who was in keeps his');

is(ask("/kept?user=$too", $of{$too}[1])->{body}, 'a', 'all of them');
is(units(), '0 1', 'who keeps one of other weights says nothing of these');
is(kept()->{sample_ratio}{mismatch}, undef, 'nor does he break them');

again(weights => '0 100', sticky => 'version=2');

$r = ask("/kept?user=$in_a", $of{$in_a}[1]);

is($r->{body}, 'b', 'a new bucket version begins anew');
ok($r->{cookie}, 'and is kept');

again(weights => '100 0', sticky => 'version=2');
is(ask("/kept?user=$in_a", $r->{cookie})->{body}, 'b', 'as it was');

again(sticky => 'version=2 min=2');
is(ask("/kept?user=$in_a", $of{$in_a}[1])->{body}, '',
   'who was in before the minimum version is out');
like(ask("/kept?user=$in_a")->{body}, qr/^[ab]$/, 'others are not');


# --- who logs in ----------------------------------------------------------------

again();

my ($anon) = grep { ask("/kept?anon=$_")->{body} eq 'b' } map { "v$_" } 1 .. 9;

$r = ask("/kept?anon=$anon");
is($r->{body}, 'b', 'a visitor in b');

my ($user) = grep { $t->recs('assign', $t->path('nginx.conf'), '--experiment',
                             'kept', $_) =~ /\ta$/ } map { "l$_" } 1 .. 9;
my $units = units();
my $logged_in = ask("/kept?user=$user&anon=$anon", $r->{cookie});

is($logged_in->{body}, 'b', 'stays there as a user whom the hash puts in a');
is(units(), $units, 'counted once');
ok($logged_in->{cookie}, 'and that is kept');
is(ask("/kept?user=$user", $logged_in->{cookie})->{body}, 'b',
   'also when only the user is known');
is(ask("/kept?anon=$anon", $logged_in->{cookie})->{body}, 'b',
   'and when he has logged out');
cmp_ok(length $logged_in->{set}, '<', 256 + 64, 'the cookie stays small');


# --- what is not believed --------------------------------------------------------

my $good = $of{$in_a}[1];
my $before = sticky();
my $altered = $good;
substr $altered, 10, 1, substr($good, 10, 1) eq 'A' ? 'B' : 'A';

again(weights => '0 100');

my @ignored = (
    ['altered', forged => $altered],
    ['signed with another key', forged =>
        sign('recs-sticky-1', body($good), secret => 'x' x 32)],
    ['of another purpose', forged => sign('recs-force-1', body($good))],
    ['under an unknown key', unknown_key =>
        sign('recs-sticky-1', body($good), kid => 3)],
    ['expired', expired => sign('recs-sticky-1', at(body($good), time - 1))],
    ['cut', malformed => substr $good, 0, 26],
    ['half an entry', malformed =>
        sign('recs-sticky-1', body($good) . 'x')],
    ['no base64', malformed => '%00!'],
    ['too long', malformed => 'A' x 4000]
);

for my $case (@ignored) {
    my ($what, $count, $cookie) = @$case;

    is(ask("/kept?user=$in_a", $cookie)->{body}, 'b', "$what: ignored");
    $before->{$count}++;
    is(sticky()->{$count}, $before->{$count}, "and counted as $count");
}

is(ask("/kept?user=$in_a",
       sign('recs-sticky-1', at(body($good), time + 60)))->{body}, 'a',
   'one that still has a minute is believed');
is(ask('/kept?user=somebody', $good)->{body}, 'b',
   'another user has nothing of it');
is(ask("/kept?user=$in_a", "$altered; recs_sticky=$good")->{body}, 'a',
   'the first that is ours counts');

my $later = ask("/kept?user=$in_a&anon=x",
                sign('recs-sticky-1', at(body($of{$in_b}[1]), time + 60)));
like($later->{set}, qr/Max-Age=(?:60|59|58);/, 'visits do not renew it');


# --- keys ------------------------------------------------------------------------

keys_are('keys', 2, 1);
again(weights => '0 100');
is(ask("/kept?user=$in_a", $good)->{body}, 'a', 'the key before this one lives');

my $new = ask("/kept?user=$in_b&anon=y")->{cookie};
is(ord(substr decode_base64url($new), -17, 1), 2, 'the new one signs');

keys_are('keys', 3, 2);
again(weights => '0 100');
is(ask("/kept?user=$in_a", $good)->{body}, 'b', 'the one before it does not');

keys_are('keys', 1);
again(weights => '0 100');


# --- where it leaves --------------------------------------------------------------

ok(ask("/moved?user=$in_a")->{cookie}, 'with a redirect');
is(ask("/none?user=$in_a")->{set}, undef, 'not with an error');
ok(ask("/page.html?user=$in_a")->{cookie}, 'with a page that has slots');
is(ask('/page.html')->{set}, undef, 'not where nobody has an id');

$r = ask("/kept?user=$in_a", $good, 'X-Consent' => 0);
is($r->{body}, '', 'without consent nobody is in');
like($r->{set}, qr/^recs_sticky=; Max-Age=0;/, 'and the cookie ends');
ok(ask("/kept?user=$in_a", '', 'X-Consent' => 1)->{cookie},
   'to be measured is enough');

$r = ask("/cached?user=$in_a");
is($r->{headers}{'x-cache'}, 'MISS', 'a page through a cache');
ok($r->{cookie}, 'has a cookie');
my $hit = ask("/cached?user=$in_b");
is($hit->{headers}{'x-cache'}, 'HIT', 'another visitor has the page');
isnt($hit->{cookie}, $r->{cookie}, 'but a cookie of his own');
is(ask('/cached?user=u', ask('/cached?user=u')->{cookie})->{set}, undef,
   'or none');


# --- forced ------------------------------------------------------------------------

again(weights => '100 0');

sub token {
    my ($variant, $experiment) = @_;

    my $token = $t->recs('assign', $t->path('nginx.conf'), '--experiment',
                         $experiment // 'kept', '--force', $variant, '--key',
                         $t->path('keys'));
    chomp $token;

    return $token;
}

my $b = token('b');
$before = sticky();

is(ask("/kept?user=$in_a")->{body}, 'a', 'everybody is in a');
$r = ask("/kept?user=$in_a&kept=$b");
is($r->{body}, 'b', 'a tester is where his token says');
is($r->{set}, undef, 'and keeps nothing of it');
is(ask("/kept?user=$in_a&kept=$b", $good)->{body}, 'b', 'whatever he has');
is(sticky()->{forced}, $before->{forced} + 2, 'that is counted');

my @unforced = (
    ['expired', sign('recs-force-1', at(body($b), time - 1))],
    ['forged', sign('recs-force-1', body($b), secret => 'x' x 32)],
    ['a sticky cookie', $good],
    ['another experiment\'s', token('x', 'other')],
    ['no such variant', sign('recs-force-1', substr(body($b), 0, -1) . "\7")],
    ['a number', 1],
    ['nothing', '']
);

for my $case (@unforced) {
    my ($what, $value) = @$case;

    is(ask("/kept?user=$in_a&kept=$value")->{body}, 'a', "$what: ignored");
}

is(sticky()->{unforced}, $before->{unforced} + @unforced, 'and counted');

is(ask("/all?user=q&other=" . token('y', 'other'))->{body}, 'y x x',
   'each experiment has its own argument');
is(ask("/all?user=q&never=" . token('y', 'never') . '&plain=1')->{body} =~
   s/^. //r, 'x y', 'off: no token counts; query: a number does');
is(ask('/all?user=q&plain=2')->{body} =~ s/^. //r, 'x x', 'if it is one');
is(ask("/kept?user=$in_a&kept=$b", '', 'X-Consent' => 0)->{body}, '',
   'without consent no token counts');

# What is forced is told apart, and stands in no count.

is(kept()->{forced}, 2, 'two forced exposures');
like(units(), qr/ 0$/, 'and no unit in their variant');

$t->stop;

my @forced = grep { $_->{forced} }
             map { decode_json($_) } split /\n/, $t->read('events.0');

is(scalar @forced, 2, 'events tell');
is($forced[0]{variant}, 'b', 'what was met');

$t->done;
