# recs_rules: pins, boosts and blocks, re-read when the file changes; the same
# answers as the command's; a bad file; a reload; what exposures say.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

# --- a shop: 60 items, of which 20 are shoes ---------------------------------

my @columns = qw(kind stock);

sub shop {
    my ($name, $seed) = @_;

    my @items = map { { id => "i$_", kind => qw(shoes bags hats)[$_ % 3],
                        stock => $_ % 5 } } 1 .. 60;
    my $random = $seed;

    $t->write('items.csv', join '', "item,kind,stock\n",
              map { "$_->{id},$_->{kind},$_->{stock}\n" } @items);
    $t->write('events.csv', join '', "user,item,timestamp\n", map {
        my $user = $_;
        map {
            $random = ($random * 1103515245 + 12345) % 2147483648;
            my $item = 1 + int($random / 65536) % 60;
            "u$user,i$item,$user$_\n"
        } 1 .. 9
    } 1 .. 40);
    $t->recs('import', '--format', 'csv', '--items', $t->path('items.csv'),
             '-o', $t->path('shop.data'), $t->path('events.csv'));
    $t->recs('train', '--model', 'ials', '--set', 'factors=8', '--data',
             $t->path('shop.data'), '-o', $t->path($name));

    return $t->path($name);
}

my $bundle = shop('a.mdb', 1);

$t->publish($bundle, 'shop');
$t->publish($t->bundle('plain', items => 30), 'plain');

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model again %%DIR%%/shop;
    recs_model plain %%DIR%%/plain;

    recs_slot home { model shop; strategy popular; count 8; }
    recs_slot you { model again; strategy personal; count 8; }
    recs_slot like { model shop; strategy similar; count 8; }
    recs_slot mixed { model shop; strategy personal; count 8; diversity 0.4;
                      candidates 30; max_per kind 3; }
    recs_slot shoes { model shop; strategy popular; count 8;
                      where 'kind = shoes'; }
    recs_slot bare { model plain; strategy popular; count 4; }

    recs_rules %%DIR%%/rules;
    recs_block %%DIR%%/block;
    recs_user $arg_user;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;

        location /recs/ {
            recs_api;
            recs_event_log %%DIR%%/events flush=50ms;
        }

        location /page {
            recs_fill on;
            default_type text/html;
            return 200 '<recs-slot name="home" count="3"></recs-slot>
                        <recs-slot name="shoes"></recs-slot>';
        }

        location /status { recs_status; }
    }
}
END

$t->start;


sub answer {
    my ($slot, $arguments) = @_;

    return $t->json("/recs/$slot?$arguments")->{json};
}


sub ids { return map { $_->{id} } @{ $_[0]{items} } }


# Until each of both workers answers so, many times over.
sub becomes {
    my ($what, $condition) = @_;

    ok($t->wait_for($what, sub { !grep { !$condition->() } 1 .. 12 }), $what);
}


# A whole file takes the place of the old one.
sub rules {
    my ($text) = @_;

    $t->write('rules.new', $text);
    rename $t->path('rules.new'), $t->path('rules') or die;
}


sub first_is {
    my ($slot, $id) = @_;

    becomes("$id comes first", sub { (ids(answer($slot, '')))[0] eq $id });
}


sub status { return $t->json('/status')->{json}{rules} }


# What the slots are asked as, and the command.
my @questions = (
    ['home', '', '--strategy', 'popular'],
    ['you', 'user=u7', '--user', 'u7'],
    ['like', 'item=i9', '--item', 'i9'],
    ['mixed', 'user=u3', '--user', 'u3', '--diversity', '0.4',
     '--candidates', '30', '--max-per', 'kind=3'],
    ['shoes', '', '--strategy', 'popular', '--where', 'kind = shoes'],
);

sub same_as_offline {
    my ($what) = @_;

    my @rules = -e $t->path('rules') ? ('--rules', $t->path('rules')) : ();

    for my $question (@questions) {
        my ($slot, $arguments, @options) = @$question;

        my @of = @rules ? (@rules, '--slot', $slot) : ();
        my $offline = JSON::PP::decode_json($t->recs('recommend', $bundle,
                          '-k', 8, '--json', @options, @of));
        my $served = answer($slot, $arguments);
        my @served = map { "$_->{id} $_->{score} $_->{source}" }
                     @{ $served->{items} };
        my @offline = map {
            "$_->{id} $_->{score} " . ($_->{source} // $offline->{source})
        } @{ $offline->{items} };

        is_deeply(\@served, \@offline, "$what: $slot as offline");
        is($served->{source}, $offline->{source}, 'the same source');
    }
}


# --- none, and each kind ------------------------------------------------------

my @home = ids(answer('home', ''));
my @you = ids(answer('you', 'user=u7'));
my $last = (map { $_->{id} } @{ JSON::PP::decode_json($t->recs('recommend',
               $bundle, '--strategy', 'popular', '-k', 60, '--json'))
               ->{items} })[59];

is(status()->{entries}, 0, 'no file: no rules');
same_as_offline('no rules');

rules("# the front page\npin home 2 $last\n");
becomes('a pin', sub { (ids(answer('home', '')))[1] eq $last });

my $answer = answer('home', '');
is_deeply([ids($answer)], [$home[0], $last, @home[1 .. 6]],
          'the others move down');
is($answer->{items}[1]{source}, 'pinned', 'it says so');
is($answer->{source}, 'popular', 'the list does not');
is_deeply([ids(answer('you', 'user=u7'))], \@you, 'not in another slot');
same_as_offline('a pin');
is(status()->{entries}, 1, 'the status page counts it');

my @asked = ids(answer('home', "count=3&exclude=$last"));
is_deeply(\@asked, [@home[0 .. 2]], 'not where the question excludes it');

$t->write('block', "$last\n");
becomes('a blocked pin is none',
        sub { (ids(answer('home', '')))[1] eq $home[1] });
unlink $t->path('block') or die;
becomes('it is back', sub { (ids(answer('home', '')))[1] eq $last });

rules("block * $home[0]\nblock home where kind = bags\n"
      . "boost you +0.4 where kind = hats\nboost * -2 $you[0]\n"
      . "boost * 0.35 where kind = shoes and stock > 1\n"
      . "pin mixed 3 i20\npin mixed 1 i21\npin like 8 i9\npin * 1 i10\n");
becomes('all kinds', sub {
    !grep { $_ eq $home[0] } ids(answer('home', ''))
});

same_as_offline('all kinds');
is((ids(answer('home', '')))[0] eq 'i10', '',
   'a pin that a block of the slot hides');
is((ids(answer('you', 'user=u7')))[0], 'i10', 'elsewhere it is there');
unlike(join(' ', ids(answer('shoes', ''))), qr/\bi10\b/,
       'not where the slot lets no bags in');
unlike(join(' ', ids(answer('like', 'item=i9'))), qr/\bi9\b/,
       'what a list starts from is not on it, pinned or not');
is((ids(answer('bare', '')))[0], 'i10',
   'a rule of all slots holds in a model that has not those attributes');

# --- windows of time ----------------------------------------------------------

my $soon = time + 2;

rules("pin home 1 i5 until $soon\npin home 1 i6 from $soon\n");
becomes('until then', sub { (ids(answer('home', '')))[0] =~ /^i[56]$/ });
first_is('home', 'i6');

# --- a page: never twice ------------------------------------------------------

rules("pin home 1 i9\npin shoes 1 i9\npin shoes 2 i12\n");
first_is('home', 'i9');

my $page = $t->get('/page')->{body};
my @shown = $page =~ /\b(i\d+)\b/g;
my %times;
$times{$_}++ for @shown;

is($times{i9} // 0, 1, 'one item, pinned in two slots, once') or diag($page);
is($times{i12}, 1, 'the other pin is there');

# --- exposures ----------------------------------------------------------------

sub exposures {
    return grep { /"event":"exposure"/ } map { split /\n/, $t->read($_) }
           map { "events.$_" } 0, 1;
}

my $before = exposures();
answer('home', '');
$t->wait_for('an exposure', sub { exposures() > $before });

my ($exposure) = grep { $_->{items}[0]{id} eq 'i9' }
                 map { JSON::PP::decode_json($_) } exposures();
is($exposure->{items}[0]{rank}, 1, 'an exposure has the pin');
is($exposure->{items}[0]{propensity}, 1, 'which was certain');

# --- a bad file ---------------------------------------------------------------

sub complaints {
    my ($why) = @_;

    return scalar(() = $t->log =~ /recs_rules .*$why.* stays in force/g);
}

for my $bad (["pin home 1 i3\npin home first i4\n",
              'line 2: "first" is not a rank, 1 to 1000'],
             ["block home where colour = red\n",
              'line 1: where: the model has no attribute "colour"'],
             ["block home where kind = bags\nblock home where hue = red\n",
              'line 2: where: the model has no attribute "hue"'],
             ["pin home 1 i3\n\nblock * where colour = red\n",
              'line 3: where: the model has no attribute "colour"'],
             ['x' x (1 << 20) . "\n", 'is too large'])
{
    my ($text, $why) = @$bad;

    rules($text);
    $t->wait_for('the complaints', sub { complaints(quotemeta $why) >= 2 });
    becomes('what was in force is', sub {
        (ids(answer('home', '')))[0] eq 'i9'
    });
    ok(status()->{failed}, 'the status page says so');
    is(complaints(quotemeta $why), 2, 'each worker complains once');
}

# A worker that starts meanwhile takes what the others have.
sub pinned {
    return scalar(grep { (ids(answer('home', '')))[0] eq 'i9' } 1 .. 12);
}

my $said = complaints(quotemeta 'is too large');
my ($victim) = $t->workers;
$t->kill_worker($victim);
$t->wait_for('two workers', sub { $t->workers == 2 });
$t->wait_for('its complaint', sub {
    complaints(quotemeta 'is too large') > $said
});
is(pinned(), 12, 'a new worker has the rules of the other');

rules("pin home first i4\n");
$t->reload;
is(pinned(), 12, 'and so have those of a reload');
ok(status()->{failed}, 'the file is still wrong');
is(status()->{entries}, 3, 'these are in force');

rules("pin home 1 i3\npin nowhere 1 i3\nblock home unknown\n");
first_is('home', 'i3');
ok(!status()->{failed}, 'a good file');
is(status()->{unknown}, 2, 'with two rules that name nothing there is');
like($t->get('/status')->{body}, qr/"rules":/, 'on the status page');

# --- another worker, another generation ---------------------------------------

my ($pid) = $t->workers;
$t->kill_worker($pid);
$t->wait_for('two workers', sub { $t->workers == 2 });
is(scalar(grep { (ids(answer('home', '')))[0] ne 'i3' } 1 .. 12), 0,
   'a new worker knows before it serves');

$bundle = shop('b.mdb', 5);
$t->publish($bundle, 'shop');
$t->reload;
is((ids(answer('home', '')))[0], 'i3', 'and so does a new generation');
same_as_offline('a new generation');

unlink $t->path('rules') or die;
becomes('no file: no rules', sub {
    !grep { $_->{source} eq 'pinned' } @{ answer('home', '')->{items} }
});
same_as_offline('none again');

# --- the command --------------------------------------------------------------

rules("pin home 1 i3\npin home 2 gone\nboost * 0.1 where stock > 1\n");

my ($status, $output) = $t->run($t->{recs}, 'rules', $t->path('rules'),
                                '--bundle', $bundle);
is($status, 0, 'recs rules: a good file');
like($output, qr/line 2: the model has no item "gone"/, 'what it does not');
like($output, qr/2 pins, 1 boosts, 0 blocks/, 'what is in it');

rules("pin home\n");
($status, $output) = $t->run($t->{recs}, 'rules', $t->path('rules'));
is($status, 1, 'a bad one');
like($output, qr{/rules: line 1: a rank, 1 to 1000 is missing at the end},
     'file, line and why');

($status, $output) = $t->run($t->{recs}, 'recommend', $bundle, '--strategy',
                             'popular', '--rules', $t->path('rules'));
is($status, 2, '--rules without --slot');

$t->wait_for('complaints', sub { complaints('is missing at the end') >= 2 });
$t->expect(qr/recs_rules .* stays in force/);
$t->done;
