# Damaged bundles: cut off at random, four random bytes in the head of a page,
# one bit flipped.  `recs verify`, nginx -t and a reload refuse each with a
# line that says why, nothing dies of it, and the old workers serve on.
#
# RECS_LONG=1 makes 3,200 of them.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $MUTANTS = $ENV{RECS_LONG} ? 3200 : 96;
my $RELOADS = $ENV{RECS_LONG} ? 320 : 12;        # of them, by a reload too
my $PAGE = 4096;

srand 1;

my $t = RecsNginx->new;
my $good = $t->read($t->bundle('a', model => 'blend'));
my $mutant = $t->path('mutant.mdb');


sub conf {
    my ($model) = @_;

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop $model;
    recs_slot for_you { model shop; }
    recs_user \$arg_u;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
    }
}
END
}


# (what was done, the bytes)
sub mutate {
    my ($kind) = @_;

    my $bytes = $good;

    if ($kind == 0) {
        my $length = int rand length $bytes;
        return ("cut to $length", substr $bytes, 0, $length);
    }

    if ($kind == 1) {
        my $at = $PAGE * int(rand length($bytes) / $PAGE) + int rand 16;
        my $new;

        do {
            $new = join '', map { chr int rand 256 } 1 .. 4;
        } while ($new eq substr $bytes, $at, 4);

        substr($bytes, $at, 4) = $new;
        return ("4 bytes at $at", $bytes);
    }

    my $bit = int rand 8 * length $bytes;
    vec($bytes, $bit, 1) ^= 1;
    return ("bit $bit", $bytes);
}


$t->publish($t->path('a.mdb'), 'shop');
conf('%%DIR%%/shop');
$t->start;

my $right = $t->get('/recs/for_you?u=u1')->{body};
my ($worker) = $t->workers;

conf($mutant);

my (%verify, %test, %reload, %reasons);
my $every = $MUTANTS / $RELOADS;

for my $i (0 .. $MUTANTS - 1) {
    my ($what, $bytes) = mutate($i % 3);
    $t->write('mutant.mdb', $bytes);

    my ($status, $said) = $t->run($t->{recs}, 'verify', $mutant);
    my ($why) = $said =~ /^recs verify: "[^"\n]+":? ([^\n]+)\n\z/m;
    $verify{"$what: $status, $said"} = 1 unless $status == 1 && defined $why;
    $reasons{$why =~ s/\d+/N/gr}++ if defined $why;

    ($status, $said) = $t->test;
    $test{"$what: $status, $said"} = 1
        unless $status == 1 && $said =~ /\[emerg\] recs_model "shop": /;

    next unless int($i / $every) != int(($i + 1) / $every);

    my $seen = length $t->log;
    kill 'HUP', $t->master;
    $t->wait_for('a refusal in the log', sub {
        substr($t->log, $seen) =~ /\[emerg\] \d+#\d+: recs_model "shop": /;
    });
    $reload{$what} = 1 unless $t->get('/recs/for_you?u=u1')->{body} eq $right;
}

is(join("\n", sort keys %verify), '', "$MUTANTS mutants: recs verify");
is(join("\n", sort keys %test), '', "$MUTANTS mutants: nginx -t");
is(join("\n", sort keys %reload), '', "$RELOADS mutants: a reload");
is_deeply([$t->workers], [$worker], 'the worker of before serves on');

note("$reasons{$_}  $_") for sort { $reasons{$b} <=> $reasons{$a} }
                             keys %reasons;

$t->expect(qr/\[emerg\] \d+#\d+: recs_model "shop"/);
$t->done;
