#!/usr/bin/perl

# bpr, userknn and ease: each beats popularity where people have tastes, and
# userknn vectors that are too short for them; nginx answers as the command
# does, for users who are known, and for sessions.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;
my @models = qw(bpr userknn ease);


# --- a set of clubs: whose members read the same, each most of it ----------

my $random = 7;

sub below {
    $random = ($random * 1103515245 + 12345) % 2147483648;
    return int($random / 65536) % $_[0];
}

my $events = "user,item,timestamp\n";

for my $club (0 .. 29) {
    my @books = map { below(400) } 1 .. 25;

    for my $member (1 .. 8) {
        my %read;

        for my $n (1 .. 15) {
            my $book = $books[below(25)];
            $book = below(10) if below(5) == 0;         # what all read

            $events .= "c${club}m$member,b$book,"
                       . (1700000000 + 86400 * $n + $member) . "\n"
                unless $read{$book}++;
        }
    }
}

$t->write('clubs.csv', $events);
$t->recs('import', '--format', 'csv', '-o', $t->path('clubs'),
         $t->path('clubs.csv'));

my $e = JSON::PP::decode_json($t->recs(
    'evaluate', '--data', $t->path('clubs'), '--at', 10, '--json', '--quiet',
    '--compare', 'popularity', map { ('--compare', $_) } @models));

for my $i (0 .. $#models) {
    is($e->{comparisons}[$i + 1]{verdict} // $e->{comparisons}[$i]{verdict},
       'better', "$models[$i] beats popularity");
}

$e = JSON::PP::decode_json($t->recs(
    'evaluate', '--data', $t->path('clubs'), '--at', 10, '--json', '--quiet',
    '--compare', 'ials,factors=4', '--compare', 'userknn,factors=4,beta=1'));

is($e->{comparisons}[1]{verdict} // $e->{comparisons}[0]{verdict}, 'better',
   'userknn beats the four factors that it has');


# --- nginx and the command --------------------------------------------------

my %bundles = map {
    $_ => $t->bundle("$_.mdb", model => $_, users => 60, items => 50)
} @models;

my $slots = join '', map {
    "recs_model $_ $bundles{$_}; recs_slot $_ { model $_; count 6; }\n"
} @models;

$t->conf(<<"END", workers => 1);
http {
    %%HTTP%%

    $slots
    recs_session_zone visitors 1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        recs_user \$arg_user;
        location /recs/ { recs_api; }
    }
}
END

$t->start;

sub shown {
    return join ' ', map { sprintf '%s:%.9g', $_->{id}, $_->{score} }
                         @{ $_[0]{items} };
}

for my $model (@models) {
    my %answers;

    for my $user (qw(u1 u2 u17 u60)) {
        my $answer = $t->json("/recs/$model?user=$user")->{json} // {};
        my $offline = JSON::PP::decode_json($t->recs(
            'recommend', $bundles{$model}, '--user', $user, '-k', 6,
            '--json'));

        is($answer->{source}, 'personal', "$model: $user is known");
        is(shown($answer), shown($offline), "$model: $user as offline");
        $answers{shown($answer)} = 1;

        my $explained = $t->json("/recs/$model?user=$user&explain=1");

        is(shown($explained->{json} // {}), shown($answer),
           "$model: $user explained");
    }

    is(scalar keys %answers, 4, "$model: to each his own");

    my $session = JSON::PP::decode_json($t->recs(
        'recommend', $bundles{$model}, '--items', 'i3,i5', '-k', 6,
        '--json'));
    is(scalar @{ $session->{items} }, 6, "$model: a session is answered");

    my ($status, $said) = $t->run($t->{recs}, 'verify', $bundles{$model});
    is($status, 0, "$model: verified") or diag($said);
}

# --- what does not fit ------------------------------------------------------

my ($status, $said) = $t->run($t->{recs}, 'train', '--model', 'ease',
                              '--data', $t->path('clubs'), '-o',
                              $t->path('no.mdb'), '--set', 'memory=0.001',
                              '--quiet');
is($status, 1, 'an inverse that is too large is refused');
like($said, qr/the inverse of 240 users squared takes \S+ GiB/, 'in a line');
ok(!-e $t->path('no.mdb'), 'and nothing is written');

$t->done;
