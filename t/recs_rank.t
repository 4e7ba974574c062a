# Ranking what the search has found: what a configuration and the command
# refuse.

use strict;
use warnings;

use FindBin;
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

$t->done;
