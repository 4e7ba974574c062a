# recs_consent and recs_gpc: what is allowed is done, and nothing else.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsVisitors;

my $t = RecsVisitors->new;

$t->write("www/$_.html", "<!--# include virtual=\"/$_/for_you\" -->")
    for qw(sub less);

$t->site(http => <<'END', server => <<'END');
    recs_slot probe { model shop; strategy popular; count 1; }
    recs_dedupe off;
    recs_user $cookie_uid;
    recs_consent $cookie_consent;
END
        location /unasked/ { recs_consent 2; recs_api; }
        location /metrics { recs_status prometheus; }
        location /gpc1/ { recs_gpc 1; recs_api; }
        location /dnt/ { recs_gpc 0 dnt; recs_api; }
        location /dnt1/ { recs_gpc 1 dnt; recs_api; }
        location /probe/ { recs_user $recs_ids_probe; recs_api; }
        location /variable { return 200 "[$recs_user]"; }
        location /who {
            recs_user $http_x_user;
            recs_consent 2;
            return 200 "[$recs_user]";
        }
        location /sub/ { recs_consent 2; recs_api; }
        location /less/ { recs_consent 0; recs_api; }
        location /moved/ {
            set $early "$recs_user $recs_ids_for_you";
            rewrite ^/moved/(.*)$ /less/$1 last;
        }
        location /inherits/ {
            recs_gpc 1 dnt;
            location /inherits/same { recs_api; }
            location /inherits/other { recs_gpc 0; recs_api; }
        }
END
$t->start;


# The level at which a request counts, and by how much it was lowered.
sub level {
    my ($uri, @headers) = @_;

    my $before = $t->visitors;
    $t->get($uri, @headers);
    my $after = $t->visitors;

    my ($level) = grep { $after->{"consent_$_"} > $before->{"consent_$_"} }
                  0 .. 2;
    my $lowered = $after->{lowered} - $before->{lowered};

    return $level . ($lowered ? ' lowered' : '');
}

sub probed {
    my ($probe) = grep { $_->{name} eq 'probe' }
                  @{ $t->json('/status')->{json}{slots} };
    return $probe->{requests};
}


# --- the value --------------------------------------------------------------------

for ([ '0', 0 ], [ '1', 1 ], [ '2', 2 ], [ '', 0 ], [ '3', 0 ], [ '-1', 0 ],
     [ '02', 0 ], [ '2.0', 0 ], [ 'two', 0 ], [ '"2"', 0 ], [ "2\x01", 0 ],
     [ "\xff", 0 ], [ "\xd9\xa2", 0 ], [ '2' x 5000, 0 ])
{
    my ($value, $is) = @$_;

    is(level('/recs/for_you', Cookie => "uid=u1; consent=$value"), $is,
       'consent "' . substr($value, 0, 8) . '"');
}

is(level('/recs/for_you', Cookie => 'uid=u1'), 0, 'nothing said');
is(level('/unasked/for_you', Cookie => 'uid=u1'), 2, 'a constant');

my @levels = (
    # rung,   reason,       user's event
    ['popular', 'no_consent', undef],
    ['popular', 'no_consent', 'u1'],
    ['personal', undef, 'u1'],
);

for my $level (0 .. 2) {
    my ($source, $reason, $user) = @{ $levels[$level] };
    my @who = (Cookie => "uid=u1; consent=$level");

    my $r = $t->json('/recs/for_you', @who);
    is($r->{json}{source}, $source, "consent $level: rung");
    is($r->{json}{reason}, $reason, 'and why');
    is($t->get('/variable', @who)->{body}, $level ? '[u1]' : '[]',
       '$recs_user');

    my ($event);
    $t->get("/item?item=c$level", @who);
    $t->wait_for('the event', sub {
        ($event) = grep { ($_->{item} // '') eq "c$level" } $t->events;
    });
    is($event->{user}, $user, 'the event\'s user');
}


# --- ids --------------------------------------------------------------------------

for ([ '', 0 ], [ 'a', 1 ], [ 'x' x 127, 1 ], [ 'x' x 128, 1 ],
     [ 'x' x 129, 0 ], [ 'x' x 1024, 0 ], [ 'x' x 65536, 0 ],
     [ "a b", 1 ], [ "\xc3\xa9", 1 ], [ "\xc3\xa9" x 64, 1 ],
     [ "\xc3\xa9" x 64 . 'x', 0 ], [ "\xf0\x9f\x98\x80", 1 ],
     [ "\xc3", 0 ], [ "\xa9", 0 ], [ "\xff", 0 ], [ "\xc0\x80", 0 ],
     [ "\xe2\x82", 0 ], [ "\xed\xa0\x80", 0 ], [ "\xf4\x90\x80\x80", 0 ],
     [ "a\x01", 0 ], [ "a\tb", 0 ], [ "a\x1b[0m", 0 ], [ "a\x7f", 0 ],
     [ "\xc2\x80", 0 ], [ '%00', 1 ], [ '%0d%0a', 1 ], [ '"\\', 1 ])
{
    my ($id, $valid) = @$_;
    my $name = length($id) . ' bytes, ' . unpack('H*', substr $id, 0, 6);
    my $r = $t->get('/who', 'X-User' => $id);

    is($r->{body}, $valid ? "[$id]" : '[]', "id of $name");
}

is($t->get('/who', 'X-User' => "a\0b")->{status}, 400,
   'nginx itself takes no NUL');


# --- signals ------------------------------------------------------------------------

my %signals = (
    # location          consent        headers                level
    'recs' => [
        [ 2, [ 'Sec-GPC' => 1 ], '0 lowered' ],
        [ 1, [ 'Sec-GPC' => 1 ], '0 lowered' ],
        [ 0, [ 'Sec-GPC' => 1 ], '0' ],
        [ 2, [ 'sec-gpc' => 1 ], '0 lowered' ],
        [ 2, [ 'Sec-GPC' => ' 1 ' ], '0 lowered' ],
        [ 2, [ 'Sec-GPC' => 0, 'Sec-GPC' => 1 ], '0 lowered' ],
        [ 2, [ 'Sec-GPC' => 0 ], '2' ],
        [ 2, [ 'Sec-GPC' => '' ], '2' ],
        [ 2, [ 'Sec-GPC' => 'true' ], '2' ],
        [ 2, [ 'Sec-GPC' => '?1' ], '2' ],
        [ 2, [ 'Sec-GPC' => '01' ], '2' ],
        [ 2, [ 'Sec-GPC' => '1;x' ], '2' ],
        [ 2, [ 'Sec-GPC' => '11' ], '2' ],
        [ 2, [ 'XSec-GPC' => 1 ], '2' ],
        [ 2, [ 'Sec-GPCs' => 1 ], '2' ],
        [ 2, [ (map { ("X-$_" => 1) } 1 .. 60), 'Sec-GPC' => 1 ],
          '0 lowered' ],
        [ 2, [ 'DNT' => 1 ], '2' ],
    ],
    'gpc1' => [
        [ 2, [ 'Sec-GPC' => 1 ], '1 lowered' ],
        [ 1, [ 'Sec-GPC' => 1 ], '1' ],
        [ 0, [ 'Sec-GPC' => 1 ], '0' ],
        [ 2, [ 'DNT' => 1 ], '2' ],
    ],
    'dnt' => [
        [ 2, [ 'DNT' => 1 ], '0 lowered' ],
        [ 2, [ 'Sec-GPC' => 1 ], '0 lowered' ],
        [ 2, [ 'DNT' => 0 ], '2' ],
        [ 2, [ 'DNT' => 'null' ], '2' ],
        [ 2, [], '2' ],
    ],
    'dnt1' => [
        [ 2, [ 'DNT' => 1 ], '1 lowered' ],
        [ 0, [ 'DNT' => 1 ], '0' ],
    ],
    'inherits/same' => [ [ 2, [ 'DNT' => 1 ], '1 lowered' ] ],
    'inherits/other' => [
        [ 2, [ 'DNT' => 1 ], '2' ],
        [ 2, [ 'Sec-GPC' => 1 ], '0 lowered' ],
    ],
);

for my $location (sort keys %signals) {
    for (@{ $signals{$location} }) {
        my ($consent, $headers, $is) = @$_;
        my $said = join ': ', @$headers > 4 ? 'many' : @$headers;

        is(level("/$location/for_you", @$headers,
                 Cookie => "uid=u1; consent=$consent"),
           $is, "$location, $consent, $said");
    }
}


# --- at 0 nobody is looked at -----------------------------------------------------------

for ([ 0, 0, 'at 0 recs_user is not evaluated' ], [ 1, 1, 'at 1 it is' ]) {
    my ($level, $is, $what) = @$_;

    my $before = probed();
    $t->get('/probe/for_you', Cookie => "consent=$level");
    is(probed() - $before, $is, $what);
}

my $before = probed();
$t->get('/probe/for_you', Cookie => 'consent=2', 'Sec-GPC' => 1);
is(probed() - $before, 0, 'nor is it where Sec-GPC says so');

# A subrequest's location may allow less than the page's, never more.

my @page = map { (Cookie => "uid=u1; consent=$_") } 0, 2;

like($t->get('/sub.html', @page[0, 1])->{body}, qr/"source":"popular"/,
     'a page at 0 has no personal part');
like($t->get('/sub.html', @page[2, 3])->{body}, qr/"source":"personal"/,
     'one at 2 has');
like($t->get('/less.html', @page[2, 3])->{body}, qr/"reason":"no_consent"/,
     'unless the part is at 0 itself');

# A location that is come to later may allow less than the one before.

# Known by its length, among the events of others.
like($t->get('/moved/for_you?count=3', @page[2, 3])->{body},
     qr/"reason":"no_consent"/, 'nor has what another location had asked for');

my $moved = $t->wait_for('the event', sub {
    my ($found) = grep { @{ $_->{items} // [] } == 3 } $t->events;
    return $found;
});
ok(!exists $moved->{user},
   'and no event tells who it was');


# --- from one request to the next ---------------------------------------------------------

sub sources {
    my (@cookies) = @_;

    my $raw = $t->raw(join '', map {
        "GET /recs/for_you HTTP/1.1\r\nHost: a\r\nCookie: uid=u1; $_\r\n"
        . ($_ eq $cookies[-1] ? "Connection: close\r\n" : '') . "\r\n"
    } @cookies);

    return join ' ', $raw =~ /"source":"(\w+)","(?:model|reason)"/g;
}

is(sources(qw(consent=2 consent=0 consent=2 consent=1)),
   'personal popular personal popular',
   'on one connection, each request has its own');

my $r = $t->get('/recs/for_you', Cookie => 'consent=1');
my ($id) = $r->{headers}{'set-cookie'} =~ /^recs_id=([\w-]+)/;
ok($id, 'an id');
$r = $t->get('/recs/for_you', Cookie => "consent=0; recs_id=$id");
like($r->{headers}{'set-cookie'}, qr/^recs_id=; Max-Age=0/, 'ends at 0');
$r = $t->get('/recs/for_you', Cookie => 'consent=1');
my ($next) = $r->{headers}{'set-cookie'} =~ /^recs_id=([\w-]+)/;
isnt($next, $id, 'and the next is another');


# --- counters -----------------------------------------------------------------------------

my $v = $t->visitors;
my $metrics = $t->get('/metrics')->{body};

like($metrics, qr/^ngx_recs_visitors_${_}_total $v->{$_}$/m, "$_ in metrics")
    for sort keys %$v;


# --- configuration ----------------------------------------------------------------------------

$t->refuses(server => {
    'recs_gpc 2;' => qr/invalid consent level "2" in "recs_gpc"/,
    'recs_gpc off;' => qr/invalid consent level "off"/,
    'recs_gpc "";' => qr/invalid consent level ""/,
    'recs_gpc 0 DNT;' => qr/invalid parameter "DNT"/,
    'recs_gpc 0; recs_gpc 1;' => qr/is duplicate/,
    'recs_gpc;' => qr/invalid number of arguments/,
    'recs_gpc 0 dnt dnt;' => qr/invalid number of arguments/,
});

$t->done;
