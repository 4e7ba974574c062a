# At consent 0, whatever comes: not a byte of any id in what is answered,
# logged or kept in memory.  2,000 requests; 100,000 with RECS_LONG=1;
# RECS_SEED repeats a run.

use strict;
use warnings;
no warnings 'portable';                 # addresses of 64 bits

use FindBin;
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsVisitors;

my $REQUESTS = $ENV{RECS_LONG} ? 100_000 : 2_000;
my $MARK = 'Zq7XvK9w';                  # in every id that is made up

my $seed = $ENV{RECS_SEED} // time % 1_000_000;
srand $seed;
diag("RECS_SEED=$seed");

my $t = RecsVisitors->new;

$t->write('keys', '1 ' . '5a' x 32 . "\n");
chmod 0600, $t->path('keys');
$t->write('www/filled.html',
          '<recs-slot name="for_you"><template><i t="{{token}}">{{id}}</i></template>'
          . '</recs-slot>');
$t->write('www/included.html', '<!--# include virtual="/recs/for_you" -->');

$t->site(http => <<'END', server => <<'END');
    recs_slot similar { model shop; strategy similar; count 3; }
    recs_session_key %%DIR%%/keys;
    recs_token_key %%DIR%%/keys;
    recs_user $http_x_user$cookie_uid;
    recs_consent $cookie_consent;
    recs_gpc 0 dnt;
    recs_dedupe off;

    log_format ours '$request_method $uri $status [$recs_user] '
                    '[$recs_ids_for_you] [$recs_exposures]';
END
        access_log %%DIR%%/logs/access.log ours;

        location /collect { recs_collect; }
        location /included { try_files /included.html =404; }
        location /header { add_header X-User "$recs_user" always; return 204; }
        location /variable { return 200 "$recs_user $recs_json_for_you"; }
        location /redirect { return 302 /?$recs_user; }
        location /cookie/ { recs_session cookie; recs_api; }
END
$t->start;


sub status { return $t->json('/status')->{json} }

sub sum { my $n = 0; $n += $_ for @_; return $n }

sub cookies {
    my ($r) = @_;
    return map { /^(recs_\w+=[^;]+)/ } split /\n/,
               $r->{headers}{'set-cookie'} // '';
}

# What all processes share, as a worker sees it.
sub shared_memory {
    my ($pid) = $t->workers;
    my $memory = '';

    open my $maps, '<', "/proc/$pid/maps" or return;
    open my $mem, '<:raw', "/proc/$pid/mem" or return;

    while (<$maps>) {
        my ($from, $to) = m{^(\w+)-(\w+) rw-s \S+ \S+ \S+ +/dev/zero}
            or next;

        sysseek $mem, hex $from, 0 or return;
        my $want = hex($to) - hex($from);

        while ($want > 0) {
            my $got = sysread $mem, $memory, $want, length $memory or return;
            $want -= $got;
        }
    }

    return $memory;
}

# All that was logged, from where it ended before the requests.
my %from;

sub logged {
    my $text = '';

    for my $file (glob($t->path('events.*')), glob $t->path('logs/*')) {
        my $log = substr $t->read($file), $from{$file} // 0;

        # What nginx itself refuses, and quotes, no module has ever seen.
        $log =~ s/^.*client sent invalid header line.*\n//gm
            if $file =~ /error/;

        $text .= $log;
    }

    return $text;
}

sub cached { return join '', map { $t->read($_) } glob $t->path('cache/*') }


# --- visitors who said yes once ------------------------------------------------------

my @known;

for my $n (1 .. 20) {
    my ($own) = cookies($t->get("/item?item=i$n", Cookie => 'consent=2'));
    my @cookies = cookies($t->get('/cookie/for_you', Cookie => "consent=2; "
                                  . $own));

    $t->get("/item?item=i$_", Cookie => "consent=2; $own") for $n + 1 .. $n + 3;
    $t->post('/collect', Cookie => "consent=2; $own",
             'Content-Type' => 'application/json',
             ':body' => encode_json({ event => 'click', item => "i$n" }));
    push @known, { own => $own, cookies => \@cookies };
}

my @secrets = map {
    my $random = substr decode_base64url($_->{own} =~ s/^recs_id=//r), 1, 16;
    ($random, encode_base64url($random), $_->{own} =~ s/^recs_id=//r);
} @known;
my $secrets = join '|', map { quotemeta } $MARK, @secrets;

# The event log, with all that has happened so far.
my $end = 0;

sub all_events {
    my $bytes;

    $end++;
    $t->get("/item?item=end$end");
    $t->wait_for('all events', sub {
        ($bytes = $t->read('events.0')) =~ /"end$end"\}\n/;
    });

    return $bytes;
}

ok(all_events() =~ /$secrets/, 'who says yes is in the log');

my $sessions = sum(map {
    $t->json('/recs/for_you', Cookie => "consent=2; $_->{own}")
      ->{json}{source} eq 'session';
} @known);
is($sessions, 20, 'and has a session');


# --- requests ----------------------------------------------------------------------------

sub bytes { return join '', map { chr 1 + int rand 255 } 1 .. $_[0] }

# An id of any form; all but the empty one hold the mark.
my @forms = (
    sub { $MARK . int rand 1e9 },
    sub { 'u' . (1 + int rand 40) . " $MARK" },
    sub { $MARK x (1 + int rand 15) },
    sub { $MARK . 'x' x (1 + int rand 119) },
    sub { $MARK . 'x' x 121 },
    sub { $MARK . "\xc3\xa9\xe2\x82\xac" },
    sub { $MARK . bytes(1 + int rand 60) },
    sub { bytes(1 + int rand 20) . $MARK },
    sub { "$MARK\xff\xfe\xc0\x80\xed\xa0\x80" },
    sub { "%00$MARK%0d%0a" },
    sub { "\"$MARK\\\"" },
    sub { "<b>$MARK</b>" },
    sub { '' },
    sub { $MARK x (1 + int rand 500) },
);

sub id {
    my $id = $forms[rand @forms]->();
    $id =~ tr/\r\n\0//d;
    return $id;
}

sub cookie_value { return id() =~ tr/;//dr }

sub altered {
    my ($cookie) = @_;
    substr($cookie, 8 + int rand(length($cookie) - 8), 1) = 'A';
    return $cookie;
}

# What says no, in one way or another: (cookie, header lines)
my @noes = (
    sub { 'consent=0' },
    sub { '' },
    sub { 'consent=' . cookie_value() },
    sub { 'consent=3' },
    sub { 'consent=2', "Sec-GPC: 1\r\n" },
    sub { 'consent=1', "sec-gpc: 1\r\n" },
    sub { 'consent=2', "DNT: 1\r\n" },
    sub { 'consent=0; consent=2' },
);

sub identity {
    my ($no, $headers) = $noes[rand @noes]->();
    my @cookies = $no;
    my $known = $known[rand @known];

    push @cookies, 'uid=' . cookie_value() if rand() < 0.5;
    push @cookies, 'recs_id=' . cookie_value() if rand() < 0.2;
    push @cookies, 'recs_session=' . cookie_value() if rand() < 0.2;
    push @cookies, altered($known->{own}) if rand() < 0.1;
    push @cookies, $known->{own}, @{ $known->{cookies} } if rand() < 0.4;
    push @cookies, map { "c$_=$MARK$_" } 1 .. 100 if rand() < 0.02;

    # The first `consent` is the one that nginx reads.
    my ($first, @others) = @cookies;
    @cookies = ($first, sort { rand() <=> 0.5 } @others);

    $headers //= '';
    $headers .= 'X-User: ' . id() . "\r\n" if rand() < 0.5;
    $headers .= 'X-User: ' . $MARK x 8000 . "\r\n" if rand() < 0.002;
    $headers .= "User-Agent: $MARK\r\nReferer: http://$MARK/\r\n"
        if rand() < 0.2;

    my $lines = rand() < 0.8
        ? 'Cookie: ' . join('; ', grep { length } @cookies) . "\r\n"
        : join '', map { "Cookie: $_\r\n" } grep { length } @cookies;

    return $lines . $headers;
}

my @targets = (
    sub { 'GET /recs/for_you' },
    sub { 'GET /recs/for_you?count=5&explain=1' },
    sub { 'GET /recs/similar?item=i' . (1 + int rand 30) },
    sub { 'GET /recs/nonesuch' },
    sub { 'GET /cookie/for_you' },
    sub { 'GET /filled' },
    sub { 'HEAD /filled' },
    sub { 'GET /included' },
    sub { 'GET /static/page.html' },
    sub { 'GET /variable' },
    sub { 'GET /redirect' },
    sub { 'GET /header' },
    sub { 'GET /item?item=i' . (1 + int rand 30) },
    sub { 'GET /cached' },
    sub { 'GET /collect?event=click&item=i1&id=' . "$MARK-" . int rand 1e9 },
    sub { 'POST /collect', encode_json({
        event => 'view', item => 'i2', id => $MARK . int rand 1e9 }) },
    sub { 'POST /collect', encode_json({
        event => 'view', item => 'i2', user => $MARK }) },
    sub { 'POST /collect', '{"event":"view","item":"' . id() },
);

sub request {
    my ($line, $body) = $targets[rand @targets]->();

    $body = defined $body ? $body : '';
    my $length = length $body || $line =~ /^POST/
        ? "Content-Type: application/json\r\n"
          . 'Content-Length: ' . length($body) . "\r\n" : '';

    return ("$line HTTP/1.1\r\nHost: a\r\n" . identity() . $length, $body);
}


all_events();
$from{$_} = length $t->read($_)
    for glob($t->path('events.*')), glob $t->path('logs/*');

my $before = status();
my ($sent, $answers, $found) = (0, 0, 0);

while ($sent < $REQUESTS) {
    my $bytes = '';

    for (1 .. 20) {
        my ($head, $body) = request();

        # One that nginx refuses ends the connection.
        $head .= "X-User: $MARK\0\r\n" if $_ == 20 && rand() < 0.1;
        $head .= "Connection: close\r\n" if $_ == 20;
        $bytes .= "$head\r\n$body";
        $sent++;
    }

    my $raw = $t->raw($bytes);
    $answers += () = $raw =~ m{HTTP/1\.1 \d\d\d }g;

    if ($raw =~ /$secrets/) {
        $found++;
        diag(substr $raw, 0, 2000) if $found < 3;
    }
}

diag("$sent requests, $answers answers");

is($found, 0, "no id in $answers answers to $sent requests");
cmp_ok($answers, '>=', $sent * 0.95, 'almost all were answered');


# --- what is left ---------------------------------------------------------------------------

my $after = status();

sub rise {
    my ($group, $name) = @_;
    return $after->{$group}{$name} - $before->{$group}{$name};
}

is(rise('visitors', "consent_$_"), 0, "nobody was at consent $_") for 1, 2;
cmp_ok(rise('visitors', 'consent_0'), '>', $sent / 2,
       'most of the requests wanted to know who asks');
cmp_ok(rise('visitors', 'lowered'), '>', 0, 'signals have lowered consent');
is(rise('visitors', 'ids_issued'), 0, 'no id was given out');
cmp_ok(rise('visitors', 'ids_dropped'), '>=', 20, 'ids of ours were dropped');
is(rise('sessions', 'added'), 0, 'no session was added to');
is(rise('events', 'dropped'), 0, 'no event was lost');

my @events = map { decode_json($_) } split /\n/,
    substr all_events(), $from{ $t->path('events.0') };
is(scalar(grep { exists $_->{user} } @events), 0,
   'none of ' . @events . ' events has a user');

my @told = grep { /$secrets/ } split /\n/, logged();
is(scalar(@told), 0, 'no id in any log');
diag(substr $_, 0, 300) for @told[0 .. ($#told < 2 ? $#told : 2)];
ok(cached() !~ /$secrets/, 'nor in the cache');

SKIP: {
    my $memory = shared_memory();
    skip 'memory of another process cannot be read', 3 unless $memory;

    cmp_ok(length $memory, '>', 1 << 21, 'the zones are '
           . length($memory) . ' bytes');
    ok($memory !~ /$secrets/, 'without an id');

    # So that the search is seen to find something.
    ok($memory =~ /for_you/, 'but with the name of a slot');
}

# Who has come back at consent 0 has been forgotten.

$sessions = sum(map {
    $t->json('/recs/for_you', Cookie => "consent=2; $_->{own}")
      ->{json}{source} eq 'session';
} @known);
is($sessions, 0, 'and no session is left');

$t->done;
