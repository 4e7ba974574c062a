# Workers share a model: what each has for itself is small, however large the
# model is, and does not grow with it.
#
# Runs alone: it measures.

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my ($N_ITEMS, $N_USERS, $N_FACTORS) = (50_000, 100, 64);
my $REQUESTS = 300;

my $t = RecsNginx->new;


# Random vectors in the file NAME.npy, ids i1 .. or u1 .. in NAME.txt.  The
# rows repeat after a while, each time scaled.
sub vectors {
    my ($name, $n, $letter) = @_;

    my $header = "{'descr': '<f4', 'fortran_order': False, "
                 . "'shape': ($n, $N_FACTORS), }";
    $header .= ' ' x (117 - length $header) . "\n";

    my @rows = map { [map { rand(2) - 1 } 1 .. $N_FACTORS] } 1 .. 500;
    my $body = '';

    for my $i (0 .. $n - 1) {
        my $scale = 1 + int($i / @rows) / 1000;
        $body .= pack 'f<*', map { $_ * $scale } @{ $rows[$i % @rows] };
    }

    $t->write("$name.npy", "\x93NUMPY\1\0" . pack('v', length $header)
              . $header . $body);
    $t->write("$name.txt", join '', map { "$letter$_\n" } 1 .. $n);

    return ($t->path("$name.npy"), $t->path("$name.txt"));
}


srand 1;

my ($items, $item_ids) = vectors('items', $N_ITEMS, 'i');
my ($users, $user_ids) = vectors('users', $N_USERS, 'u');

$t->recs('pack', '--items', $items, '--item-ids', $item_ids, '--users',
         $users, '--user-ids', $user_ids, '-o', $t->path('v.mdb'));
$t->publish($t->path('v.mdb'), 'shop');

my $size = -s $t->path('shop/current');

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; }
    recs_slot alike { model shop; strategy similar; }
    recs_user $arg_u;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; add_header X-Pid $pid; }
    }
}
END

$t->start;

my @workers = $t->workers;

my $rollup = $t->read("/proc/$workers[0]/smaps_rollup");
my $maps = $t->read("/proc/$workers[0]/maps");
my $why = $rollup !~ /^Private_Dirty:/m ? 'no /proc/PID/smaps_rollup'
        : $maps =~ /\b(?:libasan|libclang_rt)/
          ? 'what a sanitizer keeps is not the module\'s' : undef;

if (defined $why) {
    $t->stop;
    plan(skip_all => $why);
}


# Bytes that a worker has for itself.
sub private {
    my ($pid) = @_;

    my $bytes = 0;
    $bytes += 1024 * $_ for $t->read("/proc/$pid/smaps_rollup")
                            =~ /^Private_(?:Clean|Dirty):\s+(\d+) kB/mg;

    return $bytes;
}


# Bytes of the bundle's file in its memory.
sub resident {
    my ($pid) = @_;

    my ($bytes, $is_model) = (0, 0);

    for (split /\n/, $t->read("/proc/$pid/smaps")) {
        $is_model = /\.mdb\b/ if /^[0-9a-f]+-[0-9a-f]+ /;
        $bytes += 1024 * $1 if $is_model && /^Rss:\s+(\d+) kB/;
    }

    return $bytes;
}


# Has one worker answer, while the other is stopped: not just about to be, or
# the kernel may wake that one alone for a connection (EPOLLEXCLUSIVE).
sub ask {
    my ($pid) = @_;

    my ($other) = grep { $_ != $pid } @workers;
    my $served = 0;

    kill 'STOP', $other;
    $t->wait_for('a worker to stop', sub {
        return $t->read("/proc/$other/stat") =~ /^.*\) T/s;
    });

    for my $n (1 .. $REQUESTS) {
        my $got = $t->get($n % 3 ? '/recs/for_you?u=u' . (1 + $n % $N_USERS)
                                 : "/recs/alike?item=i$n");
        $served++ if $got->{status} == 200 && ($got->{headers}{'x-pid'} // 0)
                                             == $pid;
    }

    kill 'CONT', $other;

    is($served, $REQUESTS, 'a worker served');
}


my @idle = map { private($_) } @workers;

ask($_) for @workers;

my @now = map { private($_) } @workers;

for my $n (0, 1) {
    my $kept = sprintf '%d kB idle, %d kB now, of %d kB', map { $_ / 1024 }
                       $idle[$n], $now[$n], $size;

    cmp_ok(resident($workers[$n]), '>', $size / 2,
           'it read most of the model');
    cmp_ok($now[$n], '<', $idle[$n] + $size / 20,
           "and has less than 5 % of it for itself: $kept");
}

$t->done;
