# A model's life: published, verified while parsing, pinned, swapped by HUP,
# refused when it is bad, drained.  Reloads under load: t/recs_storm.t.

use strict;
use warnings;

use FindBin;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $SEAL = 4096;

my $t = RecsNginx->new;

my @bundle = map { $t->bundle("v$_", seed => $_, items => 200) } 1, 2;
my $published = $t->publish($bundle[0], 'shop');

my $origin = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1',
                                   ReuseAddr => 1) or die "origin: $!";
my $origin_port = $origin->sockport;


# The configuration, with the model's path and its options.
sub configure {
    my ($path, $options) = @_;

    $t->conf(<<"END", workers => 2);
http {
    %%HTTP%%

    recs_model shop $path @{[ $options // '' ]};
    recs_model twin $path @{[ $options // '' ]};

    recs_slot for_you { model shop; }
    recs_slot popular { model twin; strategy popular; }

    recs_user \$arg_u;

    server {
        listen 127.0.0.1:%%PORT%% backlog=4096;

        location /recs/ { recs_api; }
        location /generation { return 200 \$recs_generation_shop; }
        location /slow {
            proxy_pass http://127.0.0.1:$origin_port;
            add_header X-Generation \$recs_generation_shop;
            add_header X-Ids \$recs_ids_for_you;
        }
    }
}
END

    return $t;
}


sub generation { return $t->get('/generation')->{body} }


# Of the bundle's file: how many mappings, how many descriptors.
sub held {
    my ($pid) = @_;

    my $maps = () = $t->read("/proc/$pid/maps") =~ /\.mdb\b/g;
    my $fds = grep { (readlink($_) // '') =~ /\.mdb\b/ }
              glob("/proc/$pid/fd/*");

    return ($maps, $fds);
}


sub threads {
    my ($pid) = @_;

    return $t->read("/proc/$pid/status") =~ /^Threads:\s*(\d+)/m ? $1 : 0;
}


configure($t->path('shop'))->start;

# --- two models, four slots, one file ------------------------------------------

is(generation(), $published, 'the generation that was published');

for my $pid ($t->workers) {
    my ($maps, $fds) = held($pid);

    is($maps, 1, 'two models and two slots share one mapping in a worker');
    cmp_ok($fds, '<=', 2, 'and hold one descriptor, besides LMDB\'s');
}

is((held($t->master))[0], 0, 'the master maps nothing');
is((held($t->master))[1], 1, 'and holds one descriptor');

# --- published, not yet reloaded -----------------------------------------------

my $second = $t->publish($bundle[1], 'shop');

is(generation(), $published, 'publishing alone changes nothing');

my ($victim) = $t->workers;
$t->kill_worker($victim);

is(generation(), $published, "a killed worker comes back with its cycle's");
is(generation(), $published, 'so says every worker') for 1 .. 8;

$t->recs('prune', $t->path('shop'), '--keep', 1);
$t->kill_worker(($t->workers)[0]);
is(generation(), $published, 'even when the file has been removed')
    for 1 .. 8;

$t->reload;
is(generation(), $second, 'a reload takes the new one');

my $answer = $t->json('/recs/for_you?u=u1');

is($answer->{json}{generation}, $second, 'the answer names it');
is(join(',', map { $_->{id} } @{ $answer->{json}{items} }),
   join(',', $t->offline($bundle[1], 'u1', 10)), 'and is its answer');

# --- nothing is left behind, nothing is read twice ---------------------------

my $size = -s $t->path('shop/current');


sub bytes_read {
    return $t->read('/proc/' . $t->master . '/io') =~ /^rchar: (\d+)/m ? $1
                                                                       : 0;
}


my $read = bytes_read();
$t->reload;
my $again = bytes_read() - $read;

cmp_ok($again, '<', $size / 2,
       "a file that was verified is not hashed again ($again of $size bytes)");

$t->reload for 1 .. 3;
is((held($t->master))[1], 1, 'reloads leave no descriptor');
is((held($t->master))[0], 0, 'nor mapping');

# --- a worker drains on its own generation -------------------------------------

my $slow = $t->socket;
print {$slow} "GET /slow?u=u1 HTTP/1.0\r\n\r\n";

my $upstream = $origin->accept;
my $request = '';
$upstream->sysread($request, 4096, length $request)
    while $request !~ /\r\n\r\n/;

my $third = $t->publish($bundle[0], 'shop');
$t->reload(drain => 0);

is(generation(), $third, 'new requests have the new generation');

print {$upstream} "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
close $upstream;

my $drained = '';
1 while $slow->sysread($drained, 4096, length $drained);

like($drained, qr/^X-Generation: $second\r$/m,
     'a request begun before ends on the old one');
is($drained =~ /^X-Ids: (\S*)\r$/m ? $1 : '',
   join(',', $t->offline($bundle[1], 'u1', 10)), 'with its items');
$t->wait_for('the old workers to go',
             sub { [$t->workers(old => 1)]->@* == 2 });

# --- bad files ------------------------------------------------------------------

my $good = do { local $/; open my $fh, '<:raw', $bundle[1]; <$fh> };
my $length = length $good;


sub spoilt {
    my ($offset, $bytes) = @_;

    my $copy = $good;
    substr($copy, $offset, length $bytes) = $bytes;

    return $copy;
}


my $middle = int(($length - $SEAL) / 2);
my $flipped = chr(ord(substr $good, $middle, 1) ^ 0x10);

my @bad = (
    ['a file cut to a half', substr($good, 0, $length / 2), qr/no seal/],
    ['a file without its last byte', substr($good, 0, $length - 1), qr/seal/],
    ['a byte more', "${good}x", qr/seal/],
    ['an empty file', '', qr/too short/],
    ['garbage', 'x' x 65536, qr/no seal/],
    ['the seal alone', substr($good, -$SEAL), qr/too short/],
    ['one flipped bit', spoilt($middle, $flipped), qr/damaged|differs|hash/],
    ['a flipped bit in the first page', spoilt(24, chr(ord(substr $good, 24, 1)
                                                       ^ 1)),
     qr/damaged|differs|hash/],
    ['a format to come', spoilt($length - $SEAL + 16, pack 'V', 99),
     qr/99/],
    ['the other byte order', spoilt($length - $SEAL + 8,
                                    pack 'N', 0x01020304),
     qr/other byte order/],
);

my $bad = $t->path('bad.mdb');
configure($bad);


# nginx -t fails by one line that names the file and says why; so does a
# reload, and the old cycle serves on.
sub refused {
    my ($what, $why) = @_;

    my ($status, $output) = $t->test;
    my @lines = grep { /\[(?:emerg|alert|crit|error)\]/ } split /\n/, $output;

    isnt($status, 0, "$what: nginx -t fails");
    is(scalar @lines, 1, "$what: with one line") or diag($output);
    like($lines[0] // '', qr/\[emerg\] recs_model "shop": .*\Q$bad\E/,
         "$what: it names the file");
    like($lines[0] // '', $why, "$what: it says why");

    my $logged = $t->reload_fails(qr/recs_model "shop": .*\Q$bad\E/);

    is(generation(), $third, "$what: the old cycle serves on");
    unlike($logged, qr/exited/, "$what: nobody died");
}


for (@bad) {
    my ($what, $bytes, $why) = @$_;

    unlink $bad;
    $t->write('bad.mdb', $bytes);
    refused($what, $why);
}

unlink $bad;
refused('a missing file', qr/No such file/);

SKIP: {
    skip 'not root: mode bits', 7 if $> != 0;

    $t->write('bad.mdb', $good);
    chmod 0600, $bad;
    refused('a file that only root can read', qr/mode is 0600/);
    unlink $bad;
}

mkdir $bad or die $!;
refused('a folder without `current`', qr/current/);
symlink 'gen-000001-00000000.mdb', "$bad/current";
refused('`current` that leads nowhere', qr/gen-000001-00000000/);
unlink "$bad/current";
symlink '../v1.mdb', "$bad/current";
refused('`current` that leads out of the folder', qr/current/);
unlink "$bad/current";
rmdir $bad;

# --- an optional one ---------------------------------------------------------------

$t->write('bad.mdb', substr $good, 0, 10000);
configure($bad, 'optional');

my ($status, $output) = $t->test;

is($status, 0, 'an optional bad model is accepted');
like($output, qr/\[warn\] optional recs_model "shop" is left out/,
     'with a warning');

$t->reload;
is($t->json('/recs/for_you')->{json}{reason}, 'no_model',
   'its slots show their fallback');
is(generation(), '', 'and there is no generation');

unlink $bad;
$t->write('bad.mdb', $good);
$t->reload;
is($t->json('/recs/for_you')->{json}{reason}, 'no_user',
   'until a reload finds a good one');

# --- changed in place, within a second ---------------------------------------------

configure($bad);
$t->reload;


sub spoil {
    open my $fh, '+<:raw', $bad or die "$bad: $!";
    seek $fh, $middle, 0;
    print {$fh} $flipped;
    close $fh or die "$bad: $!";
}


# Verified, and spoilt in the second in which it was written: true where both
# have really come to pass in one.
sub verified_then_spoilt {
    $t->wait_for('a second to begin', sub { time - int time < 0.1 });
    unlink $bad;
    $t->write('bad.mdb', $good);
    $t->reload(drain => 0);

    my $written = (stat $bad)[10];
    spoil();

    return (stat $bad)[10] == $written;
}


SKIP: {
    skip 'no reload within a second', 2
        unless grep { verified_then_spoilt() } 1 .. 5;

    $t->reload_fails(qr/recs_model "shop": .*(?:damaged|differs|hash)/);
    is(scalar(() = $t->log =~ /worker process \d+ exited on/g), 2,
       'nobody died but the two that were killed');
}

unlink $bad;
$t->write('bad.mdb', $good);
$t->reload;

# --- by one process ------------------------------------------------------------------

is(threads($_), 1, 'one thread') for $t->master, $t->workers;

$t->done;
