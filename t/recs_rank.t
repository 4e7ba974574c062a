# Ranking what the search has found: what a configuration and the command
# refuse, and that nginx ranks as the command does.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $plain = $t->bundle('plain.mdb');

$t->expect(qr/\[emerg\].*(?:rank|candidates)/);


# What nginx -t says to a slot of this body.
sub refused {
    my ($slot) = @_;

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model plain $plain;
    recs_slot x { model plain; $slot }

    server { listen 127.0.0.1:%%PORT%%; }
}
END

    my ($status, $output) = $t->test;

    return $status == 0 ? 'passed' : $output;
}


is(refused('rank none; candidates 1000;'), 'passed', 'none needs no model');
like(refused('rank best;'), qr/invalid rank "best", it must be "logistic"/,
     'no such ranking');
like(refused('candidates 0;'), qr/invalid number of candidates "0"/,
     'no candidates');
like(refused('candidates 1001;'), qr/it must be between 1 and 1000/,
     'too many');
like(refused('rank logistic; rank mlp;'), qr/"rank" directive is duplicate/,
     'two rankings');
like(refused('rank mlp;'),
     qr/recs_slot "x" ranks by mlp, which model "plain" has not, in .*:\d+/,
     'a model without it');
like(refused('strategy popular; rank mlp;'),
     qr/ranks by mlp, which is for strategy personal alone/,
     'a strategy without it');

for ([[qw(--rank trees)], qr/the model has no ranking by trees/, 1],
     [[qw(--rank best)], qr/--rank is none, logistic, mlp or trees/, 2],
     [[qw(--candidates 5)], qr/--candidates goes with --rank/, 2])
{
    my ($options, $message, $expected) = @$_;
    my ($status, $output) = $t->run($t->{recs}, 'recommend', $plain,
                                    '--strategy', 'popular', @$options);

    is($status, $expected, "recs recommend @$options: status");
    like($output, $message, "recs recommend @$options: message");
}



# 300 users, each with a taste for one of four kinds of 15 items, of which he
# has taken 10: drawn here, so that every run sees the same.
sub behaviour {
    my ($random, $time, @lines) = (7, 1600000000, 'user,item,timestamp');

    my $draw = sub {
        $random = ($random * 1103515245 + 12345) % 2147483648;
        return int($random / 65536) % $_[0];
    };

    for my $user (0 .. 299) {
        my %taken;

        while (keys %taken < 10) {
            my $item = 4 * $draw->(15) + $user % 4;
            push @lines, "u$user,i$item," . $time++ if !$taken{$item}++;
        }
    }

    return join("\n", @lines) . "\n";
}


$t->write('kinds.csv', behaviour());
$t->recs('import', '--format', 'csv', '-o', $t->path('kinds.data'),
         $t->path('kinds.csv'));

sub ndcg {
    my $json = $t->recs('evaluate', '--data', $t->path('kinds.data'),
                        qw(--model ials --set factors=1 --json), @_);

    return JSON::PP::decode_json($json)->{ndcg_at_20};
}

# One factor has but one order of the items, and its reverse.
my $searched = ndcg();
my $networked = ndcg('--rank', 'mlp', map { ('--rank-set', $_) }
                     qw(epochs=60 learning_rate=0.003 embedding=8 hidden=32));

cmp_ok($networked, '>', $searched + 0.2,
       'the network tells what an inner product cannot');


# Real films, ranked by every kind there is.
my $data = $ENV{RECS_TEST_DATA} // "$FindBin::Bin/../../shared/data";

SKIP: {
    skip 'no ml-latest-small in RECS_TEST_DATA or ../shared/data', 1
        unless -d "$data/ml-latest-small";

    my @kinds = qw(logistic mlp trees);
    my $film = $t->path('film.mdb');

    $t->recs('import', '--format', 'movielens', '-o', $t->path('film.data'),
             "$data/ml-latest-small");
    $t->recs('train', '--model', 'ials', '--data', $t->path('film.data'),
             '-o', $film, '--set', 'factors=16',
             '--rank', join(',', @kinds), '--rank-set', 'trees.trees=20',
             map { ('--rank-set', "mlp.$_") }
             qw(epochs=2 embedding=16 hidden=32));
    chmod 0644, $film;

    my $slots = join "\n", map {
        "    recs_slot $_ { model film; rank $_; candidates 300; }"
    } 'none', @kinds;

    $t->conf(<<"END", workers => 1);
http {
    %%HTTP%%

    recs_model film $film;
$slots

    recs_session_zone visitors 1m;
    recs_session zone=visitors;
    recs_event_log off;
    recs_user \$arg_user;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%;

        location /recs/ { recs_api; }
        location /item { recs_track view \$arg_item; return 204; }
    }
}
END

    $t->start;

    # somebody whom training did not know
    $t->get("/item?user=stranger&item=$_") for qw(260 1196 1210);

    for my $kind (@kinds) {
        my $answer = $t->json("/recs/$kind?user=stranger")->{json};
        my $offline = JSON::PP::decode_json(
            $t->recs('recommend', $film, '--json', '--items', '1210,1196,260',
                     '-k', 10, '--rank', $kind, '--candidates', 300));

        is($answer->{source}, 'session', "$kind: a session");
        is_deeply([map { [$_->{id}, $_->{score}] } @{ $answer->{items} }],
                  [map { [$_->{id}, $_->{score}] } @{ $offline->{items} }],
                  "$kind: is answered as by recs recommend");
    }

    for my $kind (@kinds) {
        my $moved = 0;

        for my $user (1, 7, 50, 414, 610) {
            my $answer = $t->json("/recs/$kind?user=$user")->{json};
            my $plain = $t->json("/recs/none?user=$user")->{json};
            my $offline = JSON::PP::decode_json(
                $t->recs('recommend', $film, '--json', '--user', $user,
                         '-k', 10, '--rank', $kind, '--candidates', 300));

            is_deeply([map { [$_->{id}, $_->{score}] } @{ $answer->{items} }],
                      [map { [$_->{id}, $_->{score}] } @{ $offline->{items} }],
                      "$kind: user $user is answered as by recs recommend");
            $moved++ if join(' ', map { $_->{id} } @{ $answer->{items} })
                     ne join(' ', map { $_->{id} } @{ $plain->{items} });
        }

        # a network that does not help beside the search counts for nothing
        ok($moved >= 4 || $kind eq 'mlp',
           "$kind: most lists are others than the search's");
    }
}

$t->done;
