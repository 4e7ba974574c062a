# Traps of nginx and LMDB that cost most, each with what it looks like where
# the module falls into it.  Those of the page filter (5, 6) are in
# t/recs_fill.t; 7, 9 and 10 are documented (docs/operations.md).

use strict;
use warnings;

use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a');
my $published = $t->publish($bundle, 'shop');

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; }
    recs_user $arg_u;

    proxy_cache_path %%DIR%%/temp/cache keys_zone=one:1m;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
    }
}
END

$t->start;


sub answer { return $t->json('/recs/for_you?u=u1')->{json} }


# 4. A handle of mdb_dbi_open() dies with a transaction that is aborted or
# reset: then every later mdb_get() is EINVAL, and every visitor unknown.

is(answer()->{source}, 'personal', 'trap 4: a worker looks ids up')
    for 1 .. 4;
is(answer()->{items}[0]{title} =~ /^Item \d+$/, 1, 'trap 4: and records');

# 8. OpenBLAS starts its threads when it is loaded, in the master, before
# fork().

for my $pid ($t->master, $t->workers) {
    my $status = $t->read("/proc/$pid/status");

    is($status =~ /^Threads:\s*(\d+)/m ? $1 : 0, 1,
       'trap 8: a single thread');
    unlike($t->read("/proc/$pid/maps"), qr/blas/i, 'trap 8: no BLAS');
}

# 1. What fails in init_module ends the master, and what fails in init_process
# ends workers for good: so models are verified while parsing...

my $master = $t->master;
my $current = $t->path('shop/current');
my $file = readlink $current;
my $bytes = $t->read("shop/$file");

unlink $current;
symlink 'gen-000009-00000000.mdb', $current;
$t->write('shop/gen-000009-00000000.mdb', substr $bytes, 0, 8192);
chmod 0444, $t->path('shop/gen-000009-00000000.mdb');

# 3. ... and LMDB opens a truncated file without a word, and dies of SIGBUS
# when it reads.

my ($status, $output) = $t->test;

isnt($status, 0, 'trap 3: nginx -t refuses a truncated file');
like($output, qr/\[emerg\] recs_model "shop": .*gen-000009.* no seal/s,
     'trap 1: and says why');

$t->reload_fails(qr/recs_model "shop": .*no seal/);

is($t->master, $master, 'trap 1: the master lives');
ok(kill(0, $master), 'trap 1: it does');
is(answer()->{generation}, $published, 'trap 1: the workers serve on');

# 2. A worker that is started again opens the file of its cycle, whatever
# `current` is by now.

$t->kill_worker($_) for $t->workers;
is(answer()->{generation}, $published, "trap 2: its cycle's generation")
    for 1 .. 4;

unlink $t->path("shop/$file");
$t->kill_worker($_) for $t->workers;
is(answer()->{generation}, $published, 'trap 2: of a file without a name too')
    for 1 .. 4;

# 1, in init_process: a worker that cannot attach says so, and serves.

unlink $current, $t->path('shop/gen-000009-00000000.mdb');
$t->publish($bundle, 'shop');
$t->reload;

SKIP: {
    skip 'not root: mode bits', 7 if $> != 0;

    chmod 0, $t->path('shop/' . readlink $current);

    my @before = $t->workers;
    $t->kill_worker($_) for @before;

    $t->wait_for('both workers to say so', sub {
        return 2 == (() = $t->log =~ /cannot be attached, its slots show/g);
    });
    pass('trap 1: a worker that cannot attach says so');

    for (1 .. 2) {
        my $got = answer();

        is($got->{source}, 'fallback', 'trap 1: it serves the fallback');
        is($got->{reason}, 'no_model', 'trap 1: and gives the reason');
    }

    is(scalar(() = $t->workers), 2, 'trap 1: both live');
    unlike($t->log, qr/fatal code 2/, 'trap 1: nobody is beyond respawning');
}

# Helpers of the cache serve nothing and map nothing.

my @helpers = grep { $t->read("/proc/$_/cmdline") =~ /cache/ }
              split ' ', $t->read("/proc/$master/task/$master/children");

ok(scalar @helpers, 'there is a cache manager');
unlike($t->read("/proc/$_/maps"), qr/\.mdb/, 'and it maps no model')
    for @helpers;

$t->done;
