# Directives: what `nginx -t` accepts, and the one line it refuses with.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a');
$t->publish($bundle, 'shop');
$t->write('good.html', '<b>{{title}}</b>');
$t->write('bad.html', '<b onclick="{{title}}">');
$t->write('slot.conf', "strategy popular;\ncount 2;\n");

my $model = 'recs_model shop %%DIR%%/shop;';
my $slot = 'recs_slot a { model shop; }';


# A configuration of what stands in http{}, and in a location.
sub configure {
    my ($http, $location) = @_;

    $location //= '';
    $t->conf("http {\n%%HTTP%%\n$http\nserver {\n"
             . "listen 127.0.0.1:%%PORT%%;\nlocation /recs/ { $location }\n}\n}"
             . "\n");
}


sub accepted {
    my ($what, @config) = @_;

    configure(@config);
    my ($status, $output) = $t->test;
    is($status, 0, $what) or diag($output);

    return $output;
}


sub refused {
    my ($what, $pattern, @config) = @_;

    configure(@config);
    $t->refused($what, $pattern);
}


# --- recs_model -----------------------------------------------------------

accepted('a model directory', $model);
accepted('a bundle file', 'recs_model shop %%DIR%%/a.mdb;');
accepted('a path relative to the configuration', 'recs_model shop shop;');
accepted('prefault', 'recs_model shop %%DIR%%/shop prefault=off optional;');
accepted('32 characters', 'recs_model a' . ('b' x 31) . ' %%DIR%%/shop;');

like(accepted('an optional model that is missing',
              'recs_model shop %%DIR%%/none optional;'),
     qr/\[warn\] .*optional recs_model "shop" is left out: .*none/,
     'a missing optional model is a warning');

refused('a missing model', qr/recs_model "shop": .*none.*No such file/,
        'recs_model shop %%DIR%%/none;');
refused('an empty folder', qr/recs_model "shop": .*logs/,
        'recs_model shop %%DIR%%/logs;');
refused('a file of another kind', qr/recs_model "shop": .*good\.html/,
        'recs_model shop %%DIR%%/good.html;');
refused('two models of one name', qr/duplicate recs_model "shop"/,
        "$model $model");
refused('an unknown parameter', qr/invalid parameter "fast"/,
        'recs_model shop %%DIR%%/shop fast;');
refused('prefault=maybe', qr/invalid parameter "prefault=maybe"/,
        'recs_model shop %%DIR%%/shop prefault=maybe;');
refused("the model name $_", qr/invalid model name "\Q$_\E"/,
        "recs_model $_ %%DIR%%/shop;")
    for 'Shop', '1shop', 'sh-op', 'a' x 33;
refused('a model without a path', qr/invalid number of arguments/,
        'recs_model shop;');
refused('a model in a location', qr/"recs_model" directive is not allowed/,
        '', $model);

# --- recs_slot ------------------------------------------------------------

accepted('a slot', "$model $slot");
accepted('a slot before its model', "$slot $model");
accepted('all of a slot', "$model recs_slot a { model shop; strategy similar;"
         . ' count 100; exclude seen; template %%DIR%%/good.html; }');
accepted('an include in a slot', "$model recs_slot a { model shop;"
         . ' include %%DIR%%/slot.conf; }');

refused('a slot without a model', qr/no "model" in recs_slot "a"/,
        "$model recs_slot a { count 2; }");
refused('a slot of an unknown model',
        qr/unknown model "shoes" in recs_slot "a" in .*nginx\.conf:\d+/,
        "$model recs_slot a { model shoes; }");
refused('two slots of one name', qr/duplicate recs_slot "a"/,
        "$model $slot $slot");
refused("the slot name $_", qr/invalid slot name "\Q$_\E"/,
        "$model recs_slot $_ { model shop; }")
    for 'A', '_a', 'a.b', 'a' x 33;
refused("count $_", qr/invalid count "\Q$_\E", it must be between 1 and 100/,
        "$model recs_slot a { model shop; count $_; }")
    for qw(0 -1 101 1000000000 99999999999999999999 abc 1.5);
refused("explore $_", qr/invalid share "\Q$_\E" to explore/,
        "$model recs_slot a { model shop; explore $_; }")
    for qw(5 % 50.01% -1% 1.234% abc% 5%%);
refused("strategy $_", qr/invalid strategy "$_"/,
        "$model recs_slot a { model shop; strategy $_; }")
    for qw(best fallback session);
refused('exclude all', qr/invalid value "all" in "exclude"/,
        "$model recs_slot a { model shop; exclude all; }");
refused('a word unknown to slots', qr/unknown directive "colour" in recs_slot/,
        "$model recs_slot a { model shop; colour red; }");
refused('a directive twice', qr/"count" directive is duplicate/,
        "$model recs_slot a { model shop; count 1; count 2; }");
refused('two values', qr/invalid number of arguments in "model"/,
        "$model recs_slot a { model shop shoes; }");
refused('a missing template', qr/open\(\) ".*none\.html" failed/,
        "$model recs_slot a { model shop; template %%DIR%%/none.html; }");
refused('a template with a placeholder in a handler',
        qr/template ".*bad\.html": /,
        "$model recs_slot a { model shop; template %%DIR%%/bad.html; }");

# --- the rest -------------------------------------------------------------

accepted('every directive of a location', "$model $slot",
         'recs_user $cookie_uid; recs_item $arg_sku; recs_consent $arg_c;'
         . ' recs_fill on; recs_fill_types text/html text/xml;'
         . ' recs_fill_max_size 64k; recs_dedupe off;'
         . ' recs_cache_control "private, max-age=5"; recs_api;');
accepted('the same in http', "$model $slot recs_user \$cookie_uid;"
         . ' recs_item $arg_sku; recs_consent 2; recs_fill on;'
         . ' recs_fill_max_size 64k; recs_dedupe off;'
         . ' recs_cache_control private;');

refused('recs_user twice', qr/"recs_user" directive is duplicate/,
        'recs_user $arg_a; recs_user $arg_b;');
refused('recs_user of an unknown variable', qr/unknown "nonesuch" variable/,
        'recs_user $nonesuch;');
refused('recs_dedupe maybe', qr/invalid value "maybe"/, 'recs_dedupe maybe;');
refused('recs_fill_max_size', qr/"recs_fill_max_size" directive invalid value/,
        'recs_fill_max_size lots;');
refused('recs_api in http', qr/"recs_api" directive is not allowed here/,
        'recs_api;');
refused('recs_api with a value', qr/invalid number of arguments/, '',
        'recs_api on;');
refused('recs_api twice', qr/"recs_api" directive is duplicate/, '',
        'recs_api; recs_api;');
refused("$_->[0] in one location",
        qr/conflicts with another handler of (?:this )?location/, '', $_->[1])
    for ['recs_api after proxy_pass', 'proxy_pass http://127.0.0.1:1; recs_api;'],
        ['recs_api before proxy_pass', 'recs_api; proxy_pass http://127.0.0.1:1;'],
        ['recs_status before stub_status', 'recs_status; stub_status;'],
        ['recs_status after recs_api', 'recs_api; recs_status html;'],
        ['recs_api after recs_status', 'recs_status; recs_api;'],
        ['two formats', 'recs_status html; recs_status json;'];
refused('recs_status twice', qr/"recs_status" directive is duplicate/, '',
        'recs_status; recs_status json;');
accepted('recs_api in a location, proxy_pass in one below it', '',
         'recs_api; location /recs/a/ { proxy_pass http://127.0.0.1:1; }');
refused("recs_api in location $_", qr/needs a location given by a prefix/,
        "server { listen 127.0.0.1:%%PORT_b%%; location $_ { recs_api; } }")
    for '= /recs/a', '~ ^/recs', '@recs';

refused("the variable \$recs_${_}_b", qr/unknown recs_slot "b" in the "\$recs_/,
        "$model $slot", "return 200 \$recs_${_}_b;")
    for qw(slot ids json source reason);
refused('the variable of an unknown model',
        qr/unknown recs_model "shoes" in the "\$recs_generation_shoes"/,
        $model, 'return 200 $recs_generation_shoes;');
accepted('variables of what there is', "$model $slot log_format x "
         . "'\$recs_slot_a \$recs_ids_a \$recs_json_a \$recs_source_a "
         . "\$recs_reason_a \$recs_generation_shop \$recs_user';");

my $log = 'recs_event_log %%DIR%%/events;';

accepted('recs_collect', $log, 'recs_collect;'
         . ' recs_collect_origin https://shop.example http://[::1]:8080;');
accepted('recs_collect without a log', '', 'recs_event_log off; recs_collect;');
accepted('recs_collect_origin, inherited and not',
         "$log recs_collect_origin any;",
         'recs_collect; recs_collect_origin off;');
refused('recs_collect and no word of a log',
        qr{recs_collect in location "/recs/" needs a recs_event_log}, '',
        'recs_collect;');
refused('recs_collect beside recs_api',
        qr/conflicts with another handler of this location/, $log,
        'recs_api; recs_collect;');
refused("recs_collect_origin $_", qr/invalid origin "\Q$_\E"/, $log,
        "recs_collect; recs_collect_origin $_;")
    for 'shop.example', 'https://', 'https://shop.example/', 'https://*.shop',
        'https://a@shop', 'ftp://shop', '*', 'null';
refused('recs_collect_origin any and more', qr/invalid origin "any"/, $log,
        'recs_collect; recs_collect_origin any https://shop.example;');
refused('recs_collect_origin twice', qr/directive is duplicate/, $log,
        'recs_collect_origin off; recs_collect_origin any;');

# --- without http{} the module is silent ----------------------------------

$t->conf("\n");

my ($status, $output) = $t->test;
is($status, 0, 'no http{} at all') or diag($output);

done_testing();
