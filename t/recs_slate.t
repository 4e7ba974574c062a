# diversity and max_per: as the command's, within the limits, more various;
# and what nginx -t refuses.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $data = $ENV{RECS_TEST_DATA} // "$FindBin::Bin/../../shared/data";

plan skip_all => 'no ml-latest-small in RECS_TEST_DATA or ../shared/data'
    unless -d "$data/ml-latest-small";

my $t = RecsNginx->new;
my $film = $t->path('film.mdb');

$t->recs('import', '--format', 'movielens', '-o', $t->path('film.data'),
         "$data/ml-latest-small");
$t->recs('train', '--model', 'ials', '--data', $t->path('film.data'), '-o',
         $film, '--set', 'factors=16', '--set', 'epochs=2');
chmod 0644, $film;

my $conf = <<'END';
http {
    %%HTTP%%

    recs_model film %%DIR%%/film.mdb;

    recs_slot plain { model film; }
    recs_slot diverse { model film; diversity 0.5; }
    recs_slot limited { model film; max_per genres 3; max_per year 1; }
    recs_slot both { model film; diversity 0.3; candidates 400;
                     max_per genres 3; }
    recs_slot popular { model film; strategy popular; max_per genres 3; }

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_user $arg_user;
        location /recs/ { recs_api; }
    }
}
END

$t->conf($conf, workers => 1);
$t->start;


sub ids { return join ' ', map { $_->{id} } @{ $_[0]{items} } }

sub answer { return $t->json(@_)->{json} // {} }

sub offline {
    return JSON::PP::decode_json($t->recs('recommend', $film, '--json', @_));
}

# How often the value that is there most often is.
sub most {
    my ($answer, $name) = @_;
    my %n;

    for my $item (@{ $answer->{items} }) {
        $n{$_}++ for split /\|/, $item->{$name} // '';
    }

    return (sort { $b <=> $a } 0, values %n)[0];
}

for my $user (1, 7) {
    my $plain = answer("/recs/plain?user=$user");
    my $diverse = answer("/recs/diverse?user=$user");
    my $limited = answer("/recs/limited?user=$user");
    my $both = answer("/recs/both?user=$user");

    is(ids($plain), ids(offline('--user', $user)), 'off: as ever');
    isnt(ids($diverse), ids($plain), 'diverse: another list');
    is($diverse->{items}[0]{id}, $plain->{items}[0]{id},
       'which begins with the best');
    is(ids($diverse), ids(offline('--user', $user, '--diversity', '0.5')),
       'as recs recommend --diversity');

    is(scalar @{ $limited->{items} }, 10, 'limited: enough');
    cmp_ok(most($limited, 'genres'), '<=', 3, 'no genre more than thrice');
    cmp_ok(most($limited, 'year'), '<=', 1, 'no year twice');
    is(ids($limited), ids(offline('--user', $user, '--max-per', 'genres=3',
                                  '--max-per', 'year=1')),
       'as recs recommend --max-per');

    cmp_ok(most($both, 'genres'), '<=', 3, 'both: the limit holds');
    is(ids($both), ids(offline('--user', $user, '--diversity', '0.3',
                               '--candidates', 400, '--max-per',
                               'genres=3')),
       'as the command');
}

my $popular = answer('/recs/popular');
is($popular->{source}, 'popular', 'the popular rung');
cmp_ok(most($popular, 'genres'), '<=', 3, 'has limits too');

# --- what is refused -------------------------------------------------------

sub refused {
    my ($block, $pattern) = @_;

    (my $other = $conf) =~ s/recs_slot plain .*/recs_slot plain { model film; $block }/;
    $t->conf($other, workers => 1);

    my ($status, $output) = $t->test;

    isnt($status, 0, "$block is refused");
    like($output, $pattern, 'it says why');
    $t->expect($pattern);
}

refused('diversity 1.001;', qr/invalid diversity "1\.001"/);
refused('diversity much;', qr/invalid diversity "much"/);
refused('max_per genres 0;', qr/invalid number "0" in "max_per"/);
refused('max_per colour 1;',
        qr/"max_per" of model "film": the model has no attribute "colour" in recs_slot "plain" in .*nginx\.conf:\d+/);
refused('max_per year 1; ' x 5, qr/"max_per" stands here more than 4 times/);

for my $option (['--diversity', '2'], ['--max-per', 'genres'],
                ['--max-per', 'genres=0'])
{
    my ($status) = $t->run($t->{recs}, 'recommend', $film, '--user', 1,
                           @$option);
    is($status, 2, "@$option is wrong usage");
}

done_testing;
