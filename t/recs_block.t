# recs_block: items that are never shown, re-read when the file changes.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $n = 30;
my $TOO_LARGE = 5 << 20;
my $bundle = $t->bundle('a', items => $n, seed => 1);
$t->publish($bundle, 'shop');
$t->publish($t->bundle('b', items => $n, seed => 2), 'other');

my @everything = $t->offline($bundle, 'nobody', $n);

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model again %%DIR%%/shop;
    recs_model other %%DIR%%/other;

    recs_slot best { model shop; strategy popular; count 30; }
    recs_slot same { model again; strategy popular; count 30; }
    recs_slot else { model other; strategy popular; count 30; }

    recs_block %%DIR%%/block;
    recs_switch %%DIR%%/switch;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;

        location /recs/ { recs_api; }
        location /status { recs_status; }
    }
}
END

$t->start;


sub shown {
    my ($slot) = @_;

    return map { $_->{id} } @{ $t->json("/recs/$slot")->{json}{items} };
}


# What some worker still shows of these in a slot, asked of both.
sub still {
    my ($slot, @ids) = @_;

    my %shown = map { $_ => 1 } map { shown($slot) } 1 .. 12;

    return join ' ', grep { $shown{$_} } @ids;
}


sub blocks {
    my ($what, @ids) = @_;

    my $start = time;

    ok($t->wait_for($what, sub {
        !grep { still($_, @ids) ne '' } qw(best same else);
    }), $what);
    note(sprintf 'after %.2f s', time - $start);
}


is_deeply([sort(shown('best'))], [sort @everything],
          'no file: everything is shown');

my @best = shown('best');
my ($first, $second, $third) = @best;

# For later, when they are old: what has just changed is read again for a while.
$t->write('list', "$first\n");
$t->write('ahead', 'x' x $TOO_LARGE);
utime time + 86400, time + 86400, $t->path('ahead') or die;

$t->write('block', "$first\n");
blocks('in place: the best one is gone', $first);
is(still('best', $second), $second, 'the others are there');

is_deeply([shown('best')], [@best[1 .. $#best]],
          'the rest stands as it stood');

$t->write('block.new', "$second\n$third\n");
rename $t->path('block.new'), $t->path('block') or die;
blocks('by rename: two others', $second, $third);
$t->wait_for('the first one', sub { still('best', $first) eq $first });
pass('the first is back');

# A list that is being written: its last line may be half an id.
{
    open my $fh, '>', $t->path('block') or die;
    $fh->autoflush(1);
    print {$fh} "$first\ni1";
    blocks('a finished line of an unfinished file', $first);
    print {$fh} "2\n";
    blocks('and the line that was finished later', $first, 'i12');
    $t->wait_for('i1', sub { still('best', 'i1') eq 'i1' });
    pass('half of it blocks nothing for good');
}

$t->write('block', "$first\nno such item\n\n  $second  \n\xff\xfe\n$first\r\n");
blocks('unknown ids are ignored', $first, $second);

my $status = $t->json('/status')->{json}{block};
is($status->{entries}, 5, 'five lines');
is($status->{unknown}, 2, 'two of them name nothing');

# Everything: no slot can show a thing, and says so.
$t->write('block', join '', map { "i$_\n" } 1 .. $n);
$t->wait_for('empty answers', sub { still('best', @everything) eq '' });
is($t->json('/recs/best')->{json}{source}, 'fallback', 'the fallback');
is($t->json('/recs/best')->{json}{reason}, 'exhausted', 'and why');

# A long list, most of it unknown, is looked up between requests.
$t->write('block', join '', map { "unknown$_\n" } 1 .. 100_000);
$t->wait_for('the long list', sub {
    ($t->json('/status')->{json}{block}{unknown} // 0) == 100_000;
});
$t->wait_for('everything', sub {
    still('best', @everything) eq join ' ', @everything;
});
pass('a hundred thousand ids');

$t->write('block', "$first\n");
blocks('one again', $first);

my ($pid) = $t->workers;
$t->kill_worker($pid);
$t->wait_for('two workers', sub { $t->workers == 2 });
is(still('best', $first), '', 'a new worker knows before it serves');

$t->publish($t->bundle('c', items => 40, seed => 3), 'shop');
$t->reload;
is(still('best', $first), '', 'and so does a new generation');

sub complaints { return scalar(() = $t->log =~ /block".*is too large/g) }

# Whole at once: what is seen half written would be another state of it.
$t->write('block.new', 'x' x $TOO_LARGE);
rename $t->path('block.new'), $t->path('block') or die;
$t->wait_for('the complaints', sub { complaints() >= 2 });
is(still('best', $first), '', 'a file over 4 MiB changes nothing');
ok($t->json('/status')->{json}{block}{failed}, 'the status page says so');

# A clock that was ahead, or `touch -d`: no reason to read it for ever.
unlink $t->path('block') or die;
symlink 'ahead', $t->path('block') or die;
$t->wait_for('complaints of that', sub { complaints() >= 4 });

# Bytes that a worker has read from files.
sub has_read {
    my ($pid) = @_;

    my ($bytes) = $t->read("/proc/$pid/io") =~ /^rchar: (\d+)$/m;
    return $bytes;
}

my @workers = $t->workers;
my %before = map { $_ => has_read($_) } @workers;

# What both do about another file shows that they have looked at this one.
for (1 .. 2) {
    $t->write('switch', "all\n");
    $t->wait_for('off', sub { still('best', @everything) eq '' });
    $t->write('switch', '');
    $t->wait_for('on', sub { !grep { !shown('best') } 1 .. 12 });
}

is(join(' ', grep { has_read($_) - $before{$_} >= $TOO_LARGE } @workers), '',
   'a file dated in the future is read no more often than another');
is(complaints(), 4, 'each worker complains once of each of two states');

unlink $t->path('block');
$t->wait_for('it back', sub { still('best', $first) eq $first });
pass('the file is gone: everything is shown');


# --- no memory ---------------------------------------------------------------

# Without memory for the list, the worker says so and tries again.  The file is
# a link to one written long ago: nothing but the failure has it read again.
# Limits are set as the workers' own user: not every root may set others'.
sub memory {
    my ($limit) = @_;

    for my $pid ($t->workers) {
        my $status = $t->read("/proc/$pid/status");
        my ($now) = $status =~ /^VmSize:\s*(\d+) kB/m;
        my ($user) = $status =~ /^Uid:\s*(\d+)/m;
        my ($group) = $status =~ /^Gid:\s*(\d+)/m;
        my $as = $limit ? $now * 1024 + 65536 : 'unlimited';

        my $child = fork // die "fork: $!";

        if ($child == 0) {
            POSIX::setgid($group);
            POSIX::setuid($user);
            exec 'prlimit', '--pid', $pid, "--as=$as:" or POSIX::_exit(1);
        }

        waitpid $child, 0;
        die "prlimit failed\n" if $?;
    }
}

SKIP: {
    skip 'the sanitizers need memory', 4
        if $t->read('/proc/' . ($t->workers)[0] . '/maps') =~ /lib[au]b?san/;
    skip 'no prlimit', 4 if system('prlimit --version > /dev/null 2>&1');

    # Workers that have never read a list: none has its memory still.
    $t->reload;
    $t->wait_for('an old list', sub {
        time > (stat $t->path('list'))[10] + 3
    });

    $t->expect(qr/malloc\(\d+\) failed/);
    memory(1);
    symlink 'list', $t->path('block') or die;
    $t->wait_for('a complaint of each', sub {
        my %who = map { $_ => 1 } $t->log =~ /(\d+)#\d+: malloc/g;
        keys %who == 2;
    });

    ok($t->json('/status')->{json}{block}{failed},
       'without memory: the status page says so');
    is(still('best', $first), $first, 'what was in force is');

    memory(0);
    blocks('it is tried again', $first);
    $t->wait_for('a good status', sub {
        !$t->json('/status')->{json}{block}{failed}
    });
    pass('and then the status is good');
}

$t->done;
