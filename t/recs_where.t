# Slots with a predicate: static, of the time and of variables; with a filter;
# as the command's; and what nginx -t refuses.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

# --- a shop: 60 items ------------------------------------------------------

my @items = map { {
    id => "i$_",
    price => $_ % 20 + 0.5,
    stock => $_ % 3,
    kind => qw(shoes bags hats)[$_ % 3],
    country => qw(de|at fr)[$_ % 2],
    expires => time + ($_ % 4 ? 3600 : -3600),
} } 1 .. 60;

my @columns = qw(price stock kind country expires);

$t->write('items.csv', join '', map { "$_\n" } join(',', 'item', @columns),
          map { my $item = $_; join ',', map { $item->{$_} } 'id', @columns }
          @items);
$t->write('events.csv', join '', "user,item,timestamp\n",
          map { my $item = $_; map { "u$_,$item->{id},$_\n" }
                1 .. 1 + substr($item->{id}, 1) % 7 } @items);
$t->recs('import', '--format', 'csv', '--items', $t->path('items.csv'), '-o',
         $t->path('shop.data'), $t->path('events.csv'));

my $bundle = $t->path('shop.mdb');

$t->recs('train', '--model', 'popularity', '--data', $t->path('shop.data'),
         '-o', $bundle);
chmod 0644, $bundle;

my %by_id = map { $_->{id} => $_ } @items;

my $static = 'price < 15 and (kind = shoes or kind = bags) '
             . 'and not stock = 0 and expires > now';
my $variable = 'country has $arg_country and kind in (hats, $arg_kind)';

my $conf = <<"END";
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop.mdb;

    recs_slot static { model shop; strategy popular; count 100;
                       where '$static'; }
    recs_slot variable { model shop; strategy popular; count 100;
                         where '$variable'; }
    recs_slot both { model shop; strategy popular; count 100;
                     filter kind bags; where "country has \$arg_country"; }
    recs_slot nothing { model shop; strategy popular; where 'price < 0'; }
    recs_slot all { model shop; strategy popular; count 100; }

    server {
        listen 127.0.0.1:%%PORT%%;
        location /recs/ { recs_api; }
    }
}
END

$t->conf($conf, workers => 1);
$t->start;


sub ids { return join ' ', map { $_->{id} } @{ $_[0]{items} } }

sub answer { return $t->json(@_)->{json} // {} }

my @all = map { $_->{id} } @{ answer('/recs/all')->{items} };

sub left {
    my ($is) = @_;
    return join ' ', grep { $is->($by_id{$_}) } @all;
}

sub good {
    my ($item) = @_;
    return $item->{price} < 15 && $item->{kind} ne 'hats'
        && $item->{stock} > 0 && $item->{expires} > time;
}

is(scalar @all, 60, 'the shop');
like(left(\&good), qr/ /, 'some are left');
is(ids(answer('/recs/static')), left(\&good), 'what the predicate leaves');
is(ids(JSON::PP::decode_json($t->recs('recommend', $bundle, '--strategy',
                                      'popular', '-k', 100, '--json',
                                      '--where', $static))),
   left(\&good), 'as recs recommend --where');

for my $case (['de', 'shoes'], ['fr', 'bags'], ['at', 'bags'], ['at', 'x'],
              ['de|at', 'bags'], ['', ''])
{
    my ($country, $kind) = @$case;

    is(ids(answer("/recs/variable?country=$country&kind=$kind")),
       left(sub { (grep { $_ eq $country } split /\|/, $_[0]{country})
                  && ($_[0]{kind} eq 'hats' || $_[0]{kind} eq $kind) }),
       "by variables: '$country' '$kind'");
}

is(ids(answer('/recs/both?country=fr')),
   left(sub { $_[0]{kind} eq 'bags' && $_[0]{country} eq 'fr' }),
   'with a filter');

my $none = answer('/recs/nothing');
is("$none->{source} $none->{reason}", 'fallback exhausted', 'nothing left');

# --- what is refused -------------------------------------------------------

sub refused {
    my ($where, $pattern) = @_;

    (my $other = $conf) =~ s/'price < 0'/$where/;
    $t->conf($other, workers => 1);

    my ($status, $output) = $t->test;

    isnt($status, 0, "$where is refused");
    like($output, qr/$pattern in recs_slot "nothing" in .*nginx\.conf:\d+/,
         'it says why and where');
    $t->expect($pattern);
}

refused("'price <'", qr/"where" is wrong: .* is missing at the end, byte 8/);
refused("'colour = red'",
        qr/"where" of model "shop": the model has no attribute "colour", at byte 1/);
refused("'stock > 0 and kind < 3'",
        qr/no item has a number in attribute "kind" at byte 15.*/);
refused("'price < \$arg_p'", qr/the variable at byte 9 must stand after .*/);

my ($status, $output) = $t->run($t->{recs}, 'recommend', $bundle,
    '--strategy', 'popular', '--where', 'price < ');
is($status, 1, 'the command refuses what is no predicate');
like($output, qr/--where: .* is missing at the end, byte 9/, 'and says why');

($status, $output) = $t->run($t->{recs}, 'recommend', $bundle,
    '--strategy', 'popular', '--where', 'kind = $kind');
like($output, qr/only nginx knows \$kind/, 'and a variable');

done_testing;
