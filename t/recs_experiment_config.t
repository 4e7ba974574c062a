# recs_experiment: what `nginx -t` accepts, and the one line it refuses with.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

$t->publish($t->bundle('a', model => 'popularity'), 'shop');
$t->write('t.html', '<b>{{title}}</b>');
$t->write('x.conf', "variant a 50;\nvariant b 50;\n");
$t->write('keys', '1 ' . '11' x 32 . "\n");
chmod 0640, $t->path('keys');

my $ab = 'variant a 50; variant b 50;';


# nginx -t of what stands in http{}; (status, output)
sub config {
    my ($http) = @_;

    $t->conf(<<"END");
http {
    %%HTTP%%
    recs_model shop %%DIR%%/shop;
    recs_slot one { model shop; }
    recs_slot two { model shop; }
    recs_slot plain { model shop; }
    recs_slot drawn { model shop; template %%DIR%%/t.html; }
    $http
}
END

    return $t->test;
}


# Each in the block of an experiment.
sub accepted {
    my ($what, $block, $more) = @_;

    my ($status, $output) = config("recs_experiment x { $block } "
                                   . ($more // ''));
    is($status, 0, $what) or diag($output);
}


# Refused, by one line that matches and tells where.
sub refused {
    my ($what, $pattern, $block, $more) = @_;

    my ($status, $output) = config("recs_experiment x { $block }\n"
                                   . ($more // ''));
    my @lines = grep { /\[emerg\]/ } split /\n/, $output;

    isnt($status, 0, "$what is refused");
    is(scalar @lines, 1, "$what: one line") or diag($output);
    like($lines[0] // '', $pattern, "$what: it says why");
    like($lines[0] // '', qr{in /\S+nginx\.conf:\d+$}, "$what: and where");

    $t->expect($pattern);
}


accepted('two variants', $ab);
accepted('two decimals', 'variant a 33.33; variant b 66.67;');
accepted('an empty variant', 'variant a 0; variant b 100;');
accepted('all of it', "unit \$arg_a \$recs_user; salt s; hash split_clients;
         namespace n 0 500; holdout h 5; when \$arg_in; when 1; coverage 10.5;
         $ab slot one; override off; guard off; expose;");
accepted('an include', 'include %%DIR%%/x.conf;');
accepted('another slot', "variant a 50; variant b 50 slot=one:two;");
accepted('two of them', 'variant a 50 slot=one:two slot=plain:two;'
         . ' variant b 50;');
accepted('of the slot', "slot one; variant a 50 slot=two; variant b 50"
         . ' model=shop strategy=similar count=3;');
accepted('sticky with keys', "$ab sticky on version=2 min=1;",
         'recs_session_key %%DIR%%/keys;');
accepted('parts of a namespace for one slot',
         "slot one; namespace n 0 500; $ab",
         "recs_experiment y { slot one; namespace n 500 1000; $ab }");
accepted('behind a holdout', "namespace h 100 200; holdout h 10; $ab");
accepted('variables', $ab, 'map $recs_variant_x $y { a 1; default 0; }'
         . ' server { listen 127.0.0.1:%%PORT%%; return 200 $y; }');

refused("the weights $_", qr/the weights of experiment "x" sum to /,
        join ' ', map { "variant v$_ $_;" } split /\+/)
    for '50+49.99', '60+41', '1+2';
refused("the weight $_", qr/invalid weight "\Q$_\E" of variant "a"/,
        "variant a $_; variant b 50;")
    for qw(-1 50.001 101 50% abc 1e1 99999999999);
refused('one variant', qr/"x" has one, it takes two/, 'variant a 100;');
refused('none', qr/"x" has none, it takes two/, '');
refused('17 variants', qr/more than 16 variants/,
        join ' ', map { "variant v$_ 5;" } 1 .. 17);
refused('a variant twice', qr/duplicate variant "a"/, "$ab variant a 0;");
refused('a variant "a/b"', qr{invalid variant name "a/b"}, 'variant a/b 100;');
refused('a variant without weight', qr/invalid number of arguments in "variant/,
        'variant a;');

refused("hash $_", qr/unknown hash "$_"/, "hash $_; $ab") for qw(md5 fnv);
refused("coverage $_", qr/invalid coverage "\Q$_\E"/, "coverage $_; $ab")
    for qw(-1 100.01 1.234 all);
refused("namespace $_", qr/invalid namespace/, "namespace $_; $ab")
    for 'n 0 1001', 'n 5 5', 'n 6 5', 'n -1 5', 'n a b';
refused('a namespace of two words', qr/invalid number of arguments in "namesp/,
        "namespace n 5; $ab");
refused('two namespaces', qr/"namespace" directive is duplicate/,
        "namespace n 0 1; namespace m 0 1; $ab");
refused('a salt twice', qr/"salt" directive is duplicate/,
        "salt a; salt b; $ab");
refused('units twice', qr/"unit" directive is duplicate/,
        "unit \$arg_a; unit \$arg_b; $ab");
refused('nine units', qr/"unit" directive has an invalid number/,
        'unit ' . '$arg_a ' x 9 . "; $ab");
refused('a condition of two words', qr/"when" directive has an invalid number/,
        "when a b; $ab");
refused('guard maybe', qr/"guard" directive must be "on" or "off"/,
        "guard maybe; $ab");
refused('expose on', qr/"expose" directive has an invalid number/,
        "expose on; $ab");
refused('override maybe', qr/invalid override "maybe"/, "override maybe; $ab");
refused('a word unknown to experiments',
        qr/unknown directive "colour" in recs_experiment/, "colour red; $ab");
refused('sticky without keys', qr/"sticky" needs "recs_session_key" in http/,
        "sticky on; $ab");
refused('sticky with min over version', qr/has min=2 over version=1/,
        "sticky on version=1 min=2; $ab", 'recs_session_key %%DIR%%/keys;');

# --- slots ---------------------------------------------------------------------

refused('an unknown slot', qr/unknown recs_slot "none" in recs_experiment "x"/,
        "slot none; $ab");
refused('an unknown slot to replace', qr/unknown recs_slot "none"/,
        'variant a 50; variant b 50 slot=none:one;');
refused('an unknown slot in its place', qr/unknown recs_slot "none"/,
        'variant a 50; variant b 50 slot=one:none;');
refused("\"slot=$_\"", qr/invalid parameter "slot=\Q$_\E"/,
        "variant a 50; variant b 50 slot=$_;")
    for ':', 'one:', ':one', 'One', 'one:two:plain', '';
refused('a slot by itself', qr/"one" is replaced by itself/,
        'slot one; variant a 50; variant b 50 slot=one;');
refused('a slot by two', qr/"one" is replaced twice in one variant/,
        'variant a 50; variant b 50 slot=one:two slot=one:plain;');
refused('a template by none', qr/has a template, but what replaces it has none/,
        'variant a 50; variant b 50 slot=drawn:plain;');
refused("$_ of no slot", qr/no "slot" in recs_experiment "x": which one/,
        "variant a 50; variant b 50 $_;")
    for qw(slot=one model=shop strategy=popular count=2);
refused('an unknown model',
        qr/unknown model "shoes" in recs_slot "one" in /,
        'slot one; variant a 50; variant b 50 model=shoes;');
refused('count=0', qr/invalid count "0"/,
        'slot one; variant a 50; variant b 50 count=0;');
refused('strategy=best', qr/invalid strategy "best"/,
        'slot one; variant a 50; variant b 50 strategy=best;');
refused("\"$_\"", qr/invalid parameter "\Q$_\E" in "variant"/,
        "slot one; variant a 50; variant b 50 $_;")
    for qw(colour=red exclude=none counts two 50);
refused('two slots', qr/"slot" directive is duplicate/,
        "slot one; slot two; $ab");

# --- several ---------------------------------------------------------------------

refused('one name', qr/duplicate recs_experiment "x"/, $ab,
        "recs_experiment x { $ab }");
refused('a part of both', qr/"x" and "y" overlap in namespace "n"/,
        "namespace n 0 500; $ab",
        "recs_experiment y { namespace n 499 600; $ab }");
refused('a slot of both', qr/"one" stands in recs_experiment "x" already/,
        "slot one; $ab", "recs_experiment y { $ab slot one; }");
refused('a slot in parts of two namespaces',
        qr/"one" stands in recs_experiment "x" already/,
        "slot one; namespace n 0 500; $ab",
        "recs_experiment y { slot one; namespace m 500 1000; $ab }");
refused('two holdouts of one name', qr/holdout "h" .* has two percentages/,
        "holdout h 5; $ab", "recs_experiment y { holdout h 6; $ab }");
refused('a holdout with the name of an experiment',
        qr/a "holdout" has the name of this experiment/,
        "holdout y 5; $ab", "recs_experiment y { $ab }");
refused('a namespace that is held out',
        qr/"namespace" overlaps the "holdout" of this name/,
        "holdout h 5; $ab", "recs_experiment y { namespace h 49 100; $ab }");

for ('X', '1x', 'a' x 33) {
    my ($status, $output) = config("recs_experiment $_ { $ab }");

    like($output, qr/invalid experiment name "$_".*nginx\.conf:\d+/,
         "the name $_ is refused");
    $t->expect(qr/invalid experiment name/);
}

my ($status, $output) = config("recs_experiment x { $ab } server {"
    . ' listen 127.0.0.1:%%PORT%%; return 200 $recs_variant_y; }');
like($output, qr/unknown recs_experiment "y" in the "\$recs_variant_y"/,
     'a variable of none is refused');

$t->expect(qr/in the "\$recs_variant_y"/);

$t->done;
