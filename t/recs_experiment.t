# recs_experiment: who is in which variant, what that changes in a slot, and
# what is logged of it.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a');
my $shop = $t->publish($bundle, 'shop');
my $top = $t->publish($t->bundle('b', model => 'popularity'), 'top');
$t->write('old.html', '<i>{{slot}} {{id}}</i>');
$t->write('new.html', '<b>{{slot}} {{id}}</b>');
$t->write('keys', '1 ' . '11' x 32 . "\n");
chmod 0640, $t->path('keys');

mkdir $t->path('www');
$t->write('www/page.html', '<recs-slot name="for_you">-</recs-slot>'
          . '<recs-slot name="beside" count="2">-</recs-slot>'
          . '<recs-slot name="nothing">-</recs-slot>');
$t->write('www/include.html', '<!--# include virtual="/in/for_you?consent=2" -->'
          . '<!--# include virtual="/out/beside?consent=2" -->');

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model top %%DIR%%/top;

    recs_experiment model {
        variant old 50;
        variant new 50 slot=for_you:deep;
        when $arg_in;
    }

    recs_experiment changes {
        slot beside;
        salt other;
        variant three 34;
        variant one 33 count=1;
        variant shop 33 model=shop strategy=personal;
    }

    recs_experiment page {
        unit $arg_unit $http_x_unit $arg_user;
        coverage 60;
        holdout held 20;
        variant a 50;
        variant b 50;
        expose;
    }

    recs_experiment coin { unit $arg_unit; holdout held 20; variant a 50;
                           variant b 50; expose; }
    recs_experiment left { slot one; namespace n 0 500;
                           variant x 50; variant y 50 count=2; }
    recs_experiment right { slot one; namespace n 500 900; holdout held 20;
                            variant x 50; variant z 50 count=3; }

    recs_slot for_you { model shop; count 4; template %%DIR%%/old.html; }
    recs_slot deep { model top; count 2; template %%DIR%%/new.html; }
    recs_slot beside { model top; strategy popular; count 3; }
    recs_slot one { model top; strategy popular; count 1; }
    recs_slot nothing { model shop; filter category none; }
    recs_experiment empty { slot nothing; variant a 50;
                            variant b 50 count=2; }

    recs_event_log %%DIR%%/logs/events flush=10ms;
    recs_token_key %%DIR%%/keys;
    recs_user $arg_user;
    recs_consent $arg_consent;
    recs_bypass $arg_bot;
    recs_dedupe off;

    log_format later '[$recs_variant_left]';
    log_format shown escape=none '$arg_n $recs_exposures';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/logs/shown shown;
        root %%DIR%%/www;
        recs_visitor_cookie off;

        location /recs/ { recs_api; }
        location /with/ { recs_api; add_header X-Page $recs_variant_page; }
        location /event { recs_collect; }
        location /var { return 200 "$recs_variant_page"; }
        location /both { return 200 "$recs_variant_page,$recs_variant_page,$recs_variant_left,$recs_variant_right"; }
        location /coin { return 200 "$recs_variant_coin"; }
        location /json { return 200 "$recs_json_for_you"; }
        location = /page.html { recs_fill on; }
        location = /include.html { ssi on; recs_fill on; }
        location /in/ { recs_api; }
        location /out/ { recs_consent 0; recs_api; }
        location /lower { set $before $recs_variant_page;
                          error_page 418 = @lower; return 418; }
        location @lower { recs_consent 0; return 200 "$before"; }
        location /later { access_log %%DIR%%/logs/late later;
                          return 204; }
    }

    server {
        listen 127.0.0.1:%%PORT_cookie%%;
        access_log off;
        recs_user "";
        recs_consent $http_x_consent;

        location /left { return 200 "$recs_variant_left"; }
        location /unit { return 200 "$recs_variant_page"; }
        location /bare { return 200 "bare"; }
        location = /page.html { root %%DIR%%/www; recs_fill on; }
        location /moved { return 302 /left?$recs_variant_left; }
        location /recs/ { recs_api; }
    }
}
END

$t->start;


# --- what core says, said again -----------------------------------------------

sub fnv {
    my ($text) = @_;

    my $h = 2166136261;
    $h = (($h ^ $_) * 16777619) & 0xffffffff for unpack 'C*', $text;

    return $h;
}

sub hash { return fnv(fnv("$_[0]$_[1]")) % 10000 / 10000 }
sub part { return fnv("$_[1]__$_[0]") % 1000 }

# The first of users from u$n on that passes.
sub user {
    my ($test, $n) = @_;

    for my $u (($n // 1) .. 9999) {
        local $_ = "u$u";
        return $_ if $test->();
    }
}


# --- requests and what they leave -----------------------------------------------

my $seen = 0;
my $n = 0;

# The events since it was called last.
sub events {
    my $mark = 'mark' . $n++;
    my @events;

    $t->get("/recs/for_you?user=$mark&consent=2");
    $t->wait_for($mark, sub {
        @events = map { decode_json($_) } $t->read('logs/events.0') =~ /(.*)\n/g;
        return @events && ($events[-1]{user} // '') eq $mark;
    });

    splice @events, 0, $seen;
    $seen += @events;
    pop @events;

    return @events;
}

# (events, response); the query says consent 2 where it says nothing.
sub asked {
    my ($uri, @headers) = @_;

    $uri .= ($uri =~ /\?/ ? '&' : '?') . 'n=' . $n++;
    $uri .= '&consent=2' if $uri !~ /consent=/;

    my $r = $t->get($uri, @headers);
    my ($logged) = $n - 1;
    my @events = events();

    $r->{events} = \@events;
    $t->wait_for("line $logged", sub {
        ($r->{shown}) = $t->read('logs/shown') =~ /^$logged (.*)\n/m;
        return defined $r->{shown};
    });
    $r->{shown} = length $r->{shown} ? decode_json($r->{shown}) : [];

    return $r;
}

# The fields of experiments, as "experiment variant propensity slot n_items".
sub told {
    return [ map {
        join ' ', map { $_ // '-' } @$_{qw(experiment variant propensity slot)},
            exists $_->{items} ? scalar @{ $_->{items} } : '-'
    } @_ ];
}


# --- another slot -----------------------------------------------------------

my $old = user(sub { hash('model', $_) < .5 });
my $new = user(sub { hash('model', $_) >= .5 });

my $r = asked("/recs/for_you?user=$old&in=1");
my $json = decode_json($r->{body});
is($json->{model}, 'shop', 'old: the slot itself answers');
is(@{ $json->{items} }, 4, 'old: with its count');
is_deeply(told(@{ $r->{events} }), ['model old 0.5 for_you 4'],
          'old: the exposure says so');
is($r->{events}[0]{generation}, $shop, 'old: and its generation');
ok(!exists $r->{events}[0]{forced} && !exists $r->{events}[0]{bucket_version},
   'not forced, and no bucket version');

$r = asked("/recs/for_you?user=$new&in=yes");
$json = decode_json($r->{body});
is($json->{slot}, 'for_you', 'new: the slot keeps its name');
is($json->{model}, 'top', 'new: another one answers');
is(@{ $json->{items} }, 2, 'new: with its own count');
is_deeply(told(@{ $r->{events} }), ['model new 0.5 for_you 2'],
          'new: the exposure says so');
is($r->{events}[0]{generation}, $top, 'new: and its generation');
is_deeply(told(@{ $r->{shown} }), ['model new 0.5 for_you 2'],
          'new: so does $recs_exposures');

my $token = decode_base64url($json->{items}[0]{token});
my (undef, @names) = unpack 'a33 C/a C/a C/a', $token;
is("@names", 'for_you model new', 'new: and so does a token');

my $id = $json->{items}[1]{id};
$t->post("/event?user=$new&consent=2", 'Content-Type' => 'application/json',
         ':body' => encode_json({ event => 'click', item => $id,
                                  token => $json->{items}[1]{token} }));
my ($click) = events();
is_deeply([ @$click{qw(event slot rank experiment variant generation)} ],
          [ 'click', 'for_you', 2, 'model', 'new', $top ],
          'new: and the click that brings it');

for my $when ('', '0') {
    $r = asked("/recs/for_you?user=$new&in=$when");
    is(decode_json($r->{body})->{model}, 'shop', "\"$when\": not in");
    is_deeply(told(@{ $r->{events} }), ['- - - for_you 4'],
              "\"$when\": an exposure without experiment");
}

$r = asked("/recs/for_you?user=$new&in=1&exclude=$id");
unlike($r->{body}, qr/"id":"$id"/, 'excluded from the model that answers');

$r = asked("/json?user=$new&in=1");
like($r->{body}, qr/"slot":"for_you".*"model":"top"/, 'a variable is the same');
is_deeply($r->{events}, [], 'and shows nothing');

# --- the same slot, changed ----------------------------------------------------

my %share = (three => .34, one => .33, shop => .33);

for (['three', sub { hash('other', $_) < .34 }, 'top', 3],
     ['one', sub { my $h = hash('other', $_); $h >= .34 && $h < .67 },
      'top', 1],
     ['shop', sub { hash('other', $_) >= .67 && /^u[1-9]$/ }, 'shop', 3])
{
    my ($name, $test, $model, $count) = @$_;
    my $user = user($test);

    $r = asked("/recs/beside?user=$user");
    $json = decode_json($r->{body});
    is($json->{model}, $model, "$name: its model");
    is(@{ $json->{items} }, $count, "$name: its count");
    is($json->{source}, $name eq 'shop' ? 'personal' : 'popular',
       "$name: its strategy");
    is_deeply(told(@{ $r->{events} }),
              ["changes $name $share{$name} beside $count"],
              "$name: the exposure");

    if ($name eq 'shop') {
        my %seen = map { $_ => 1 } $t->read('a.events.csv')
            =~ /^\Q$user\E,(\w+),/mg;
        is(grep({ $seen{$_->{id}} } @{ $json->{items} }), 0,
           'a personal one excludes what was seen');
    }

    is(@{ decode_json(asked("/recs/beside?user=$user&count=2")->{body})
          ->{items} }, 2, "$name: a question has its own count");
}

# --- pages ----------------------------------------------------------------------

my $both = user(sub { hash('model', $_) >= .5 && hash('other', $_) >= .34
                      && hash('other', $_) < .67 });

$r = asked("/page.html?user=$both&in=1");
like($r->{body}, qr{\A<recs-slot\ name="for_you">(<b>for_you\ i\d+</b>){2}
                    </recs-slot><recs-slot\ name="beside"\ count="2">
                    <a\ href[^>]*>[^<]*</a>\ </recs-slot>}x,
     'a page: template and count of what answers');
is_deeply(told(@{ $r->{events} }),
          ['model new 0.5 for_you 2', 'changes one 0.33 beside 1',
           'empty ' . (hash('empty', $both) < .5 ? 'a' : 'b') . ' 0.5 - -'],
          'a page: exposures, of a slot with nothing to show too');

$r = asked("/page.html?user=$both&in=1", 'If-Modified-Since' => 'x');
is($r->{status}, 200, 'a page for one');
is_deeply($t->request('HEAD', "/page.html?user=$both&in=1&consent=2")->{body},
          '', 'HEAD');
is_deeply([events()], [], 'HEAD shows nothing');

$r = asked("/include.html?user=$both&in=1");
is_deeply(told(@{ $r->{events} }),
          ['model new 0.5 for_you 2', '- - - beside 3'],
          'a subrequest that may know less is in no experiment');

# --- the variable ----------------------------------------------------------------

my ($held, $a, $b, $not) = map { my $want = $_; user(sub {
    my $h = hash('page', $_);
    my $v = part('held', $_) < 200 ? 'held'
          : $h < .3 ? 'a' : $h >= .5 && $h < .8 ? 'b' : 'not';
    return $v eq $want;
}) } qw(held a b not);

for ([$a, 'a', 'page a 0.5 - -', 'held rest 0.8 - -'],
     [$b, 'b', 'page b 0.5 - -', 'held rest 0.8 - -'],
     [$not, '', 'held rest 0.8 - -'],
     [$held, '', 'held holdout 0.2 - -'])
{
    my ($user, $body, @events) = @$_;

    $r = asked("/var?user=$user");
    is($r->{body}, $body, "$user: \"$body\"");
    is_deeply(told(@{ $r->{events} }), \@events, "$user: exposures");
    is_deeply(told(@{ $r->{shown} }), [grep { /^page/ } @events],
              "$user: \$recs_exposures");
    is(grep({ ($_->{user} // '') ne $user } @{ $r->{events} }), 0,
       "$user: his");
}

is(asked("/var?unit=$b&user=$a")->{body}, 'b', 'the first of the units');
is(asked("/var?unit=&user=$a")->{body}, 'a', 'an empty one is not it');
is(asked('/var?unit=' . 'x' x 129 . "&user=$a")->{body}, 'a',
   'nor one that is too long');
is(asked("/var?user=$b", 'X-Unit' => $_->[0])->{body}, 'b', "nor $_->[1]")
    for ["a\xffb", 'what is no UTF-8'], ["a\tb", 'what has controls'];

is_deeply(told(@{ asked("/both?user=$a")->{events} }),
          ['page a 0.5 - -', 'held rest 0.8 - -'],
          'twice read, once exposed; what is not `expose` is not');

# --- exclusion --------------------------------------------------------------------

for (1 .. 40) {
    my $user = "u$_";
    my $r = $t->get("/both?user=$user&consent=2");
    my (undef, undef, $left, $right) = split /,/, $r->{body}, -1;
    my $part = part('n', $user);

    is("$left $right",
       ($part < 500 ? hash('left', $user) < .5 ? 'x' : 'y' : '') . ' '
       . ($part >= 500 && $part < 900 && part('held', $user) >= 200
          ? hash('right', $user) < .5 ? 'x' : 'z' : ''),
       "$user: in one of a namespace at most");
}

my $y = user(sub { part('n', $_) < 500 && hash('left', $_) >= .5 });
my $z = user(sub { my $p = part('n', $_); $p >= 500 && $p < 900
                   && hash('right', $_) >= .5 && part('held', $_) >= 200 });
my $none = user(sub { part('n', $_) >= 900 && part('held', $_) < 200 });
events();

is_deeply(told(@{ asked("/recs/one?user=$y")->{events} }),
          ['left y 0.5 one 2', 'held rest 0.8 - -'], 'one of two in a slot');
is_deeply(told(@{ asked("/recs/one?user=$z")->{events} }),
          ['right z 0.5 one 3', 'held rest 0.8 - -'], 'the other of two');
is_deeply(told(@{ asked("/recs/one?user=$none")->{events} }),
          ['- - - one 1', 'held holdout 0.2 - -'], 'none of two');

my $two = user(sub { my $p = part('n', $_); $p >= 500 && $p < 900
                     && hash('right', $_) >= .5 && part('held', $_) >= 200
                     && hash('page', $_) < .3 });
is_deeply([sort @{ told(@{ asked("/with/one?user=$two")->{events} }) }],
          ['held rest 0.8 - -', 'page a 0.5 - -', 'right z 0.5 one 3'],
          'two experiments of one holdout: it is told once');

# --- nobody ---------------------------------------------------------------------

my %met;

for (1 .. 60) {
    my ($one, $two, $left, $right)
        = split /,/, $t->get('/both?consent=2&bot=')->{body}, -1;

    $met{"$one"}++;
    is($one, $two, 'one coin per request');
    ok(!length $left || !length $right, 'and for all experiments');
    $met{"left$left"}++;
}

cmp_ok($met{$_} // 0, '>', 0, "a coin shows \"$_\"")
    for '', qw(a b left leftx lefty);
is(grep({ exists $_->{user} } events()), 0, 'nobody is told of');

$r = asked("/coin?user=$a");
is_deeply([grep { exists $_->{user} } @{ $r->{events} }], [],
          'nor who has an id that is not asked for');
cmp_ok(@{ $r->{events} }, '>', 0, 'though it is told that somebody was');
$r = asked("/coin?user=$a&unit=$b");
is_deeply([map { $_->{user} } @{ $r->{events} }], [($a) x @{ $r->{events} }],
          'else he is');

for (['consent 0', "user=$a&in=1&consent=0"],
     ['no consent', "user=$a&in=1&consent="],
     ['a bot', "user=$a&in=1&bot=1"],
     ['Sec-GPC', "user=$a&in=1", 'Sec-GPC' => 1])
{
    my ($name, $query, @headers) = @$_;

    $r = asked("/both?$query", @headers);
    is($r->{body}, ',,,', "$name: in nothing");
    is_deeply($r->{events}, [], "$name: no exposure");

    $r = asked("/recs/one?$query", @headers);
    is(@{ decode_json($r->{body})->{items} }, 1, "$name: the slot itself");
    is(grep({ exists $_->{experiment} } @{ $r->{events} }), 0,
       "$name: no experiment");
}

is(asked("/var?user=$a&consent=1")->{body}, 'a', 'consent 1: measured');

$r = asked("/lower?user=$a");
is_deeply($r->{events}, [], 'used before consent was lowered: not told');

$t->get("/later?user=$a&consent=2");
$t->wait_for('the late line', sub { $t->read('logs/late') =~ /\n/ });
is($t->read('logs/late'), "[-]\n", 'the log asks for nothing');

# --- who has no id but ours -------------------------------------------------------

sub anonymous {
    my ($uri, %headers) = @_;

    return $t->get($uri, ':port' => $t->port('cookie'),
                   %{ { 'X-Consent' => 1, %headers } });
}

my %kept;

for (1 .. 20) {
    my $r = anonymous('/left');
    my ($cookie) = ($r->{headers}{'set-cookie'} // '') =~ /^(recs_id=[^;]+)/;

    ok($cookie, 'a location that reads a variant gives an id');
    $kept{$r->{body}}++;

    $r = anonymous('/left', Cookie => $cookie);
    ok(!exists $r->{headers}{'set-cookie'}, 'once');
    is(anonymous('/left', Cookie => $cookie)->{body}, $r->{body},
       'which keeps the variant');
}

cmp_ok($kept{$_} // 0, '>', 0, "\"$_\" by an id of ours") for '', 'x', 'y';

ok(!exists anonymous($_)->{headers}{'set-cookie'}, "$_: no id is needed")
    for qw(/bare /unit /recs/for_you /moved);
ok(exists anonymous('/recs/one')->{headers}{'set-cookie'},
   'a slot in an experiment needs one');
like((events())[-1]{user}, qr/^~/, 'and the exposure tells it');

my $page = anonymous('/page.html');
my ($cookie) = ($page->{headers}{'set-cookie'} // '') =~ /^(recs_id=[^;]+)/;
ok($cookie, 'a page whose slots are in experiments needs one');

my @told = events();
is(grep({ $_->{user} =~ /^~/ } @told), 3, 'and its exposures tell it');
anonymous('/page.html', Cookie => $cookie);
is_deeply(told(events()), told(@told), 'he has the same again');

ok(!exists anonymous('/left', 'X-Consent' => 0)->{headers}{'set-cookie'},
   'not at consent 0');

$t->done;
