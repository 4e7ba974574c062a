#!/usr/bin/perl

# The recs command: what it says to bad input, that it leaves nothing behind,
# and what its commands print.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use JSON::PP ();
use POSIX ();
use Test::More;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;

$recs = abs_path($recs);

my $root = abs_path('.');

my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die "$dir: $!";
END { chdir '/' }


sub spew {
    my ($file, $bytes) = @_;

    open my $fh, '>:raw', $file or die "$file: $!";
    print {$fh} $bytes;
    close $fh or die "$file: $!";
}

sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}

# Runs recs; returns exit status, stdout, stderr.
sub run {
    my (@args) = @_;

    return run_as('', @args);
}

# The same after a piece of shell.
sub run_as {
    my ($before, @args) = @_;

    open my $out, '>', "$dir/.out" or die;
    return run_to($out, $before, @args);
}

# The same to a handle.
sub run_to {
    my ($out, $before, @args) = @_;

    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null' or die;
        open STDOUT, '>&', $out or die;
        open STDERR, '>', "$dir/.err" or die;
        exec '/bin/sh', '-c', "$before exec \"\$0\" \"\$@\"", $recs, @args;
    }

    waitpid $pid, 0;
    return ($? & 127 ? "signal " . ($? & 127) : $? >> 8, slurp("$dir/.out"),
            slurp("$dir/.err"));
}

sub succeeds {
    my ($name, @args) = @_;

    my ($status, $out, $err) = run(@args);
    is($status, 0, $name) or diag($err);
    return $out;
}

# One line on stderr that matches, the right exit status, no new file.
sub fails {
    my ($name, $status, $says, @args) = @_;

    return fails_as('', $name, $status, $says, @args);
}

sub fails_as {
    my ($before, $name, $status, $says, @args) = @_;

    my $files = join ' ', sort glob "$dir/* $dir/*/*";
    my ($got, $out, $err) = run_as($before, @args);

    subtest $name => sub {
        is($got, $status, 'exit status');
        like($err, $says, 'what it says');
        like($err, qr/\Arecs $args[0]: [^\n]+\n\z/, 'in one line');
        is(join(' ', sort glob "$dir/* $dir/*/*"), $files,
           'nothing left behind');
    };
}

sub npy {
    my ($descr, $order, $shape, $data) = @_;

    my $dict = "{'descr': '$descr', 'fortran_order': $order, "
        . "'shape': $shape, }";
    $dict .= ' ' x (-(length($dict) + 11) % 64) . "\n";
    return "\x93NUMPY\1\0" . pack('v', length $dict) . $dict . $data;
}

sub floats { return pack 'f<*', @_ }


# --- what good input gives -----------------------------------------------

spew('v.npy', npy('<f4', 'False', '(4, 2)', floats(1, 0, 0, 1, 1, 1, 2, 2)));
spew('v.txt', "a\nb\nc\nd\"\\\xc3\xa9\n");
spew('u.npy', npy('<f4', 'False', '(3, 2)', floats(1, 0, 0, 3, 1, 1)));
spew('u.txt', "x\ny\nz\n");
spew('attributes.csv', "id,title\na,\"The \"\"A\"\"\"\nc,C\x1b[31m\nother,O\n");

like(succeeds('pack', qw(pack --items v.npy --item-ids v.txt --users u.npy
                         --user-ids u.txt --attributes attributes.csv -o b)),
     qr/4 items, 3 users, 2 factors in b\n1 rows of "attributes.csv"/,
     'pack reports');

my $json = JSON::PP->new->utf8;
my $out = succeeds('recommend', qw(recommend b --user x -k 3 --json));

is($out, qq({"user":"x","source":"personal","items":[)
    . qq({"id":"d\\"\\\\\xc3\xa9","score":2},{"id":"a","score":1},)
    . qq({"id":"c","score":1}]}\n), 'ties in the order of the rows');

$out = succeeds('all users', qw(recommend b --users u.txt -k 1 --json));
is(join(' ', map { my $a = $json->decode($_);
                   "$a->{user}:$a->{items}[0]{score}" } split /\n/, $out),
   'x:2 y:6 z:4', 'a line a user, in the order of the file');

$out = succeeds('unknown user', qw(recommend b --user nobody --json));
is_deeply($json->decode($out),
          { user => 'nobody', source => 'fallback', reason => 'unknown_user',
            items => [] }, 'answered from the ladder');

$out = $json->decode(succeeds('session',
                              'recommend', 'b', '--items', 'a,nope', '--json'));
is($out->{source}, 'session', 'session');
is(join(' ', map { $_->{id} } @{ $out->{items} }), "d\"\\\x{e9} c b",
   'the session\'s own items are left out');

$out = $json->decode(succeeds('similar', qw(recommend b --item c --json)));
is($out->{source}, 'similar', 'similar');
is($out->{items}[0]{id}, "d\"\\\x{e9}", 'same direction first');
is(scalar(@{ $out->{items} }), 3, 'never the item itself');

unlike(succeeds('text', qw(recommend b --user z)), qr/\x1b/,
       'no control characters for a terminal');

succeeds('export', qw(export b -o e));
is(slurp("e/$_->[1]"), slurp($_->[0]), "the same $_->[1]")
    for ['v.npy', 'items.npy'], ['v.txt', 'item_ids.txt'],
        ['u.npy', 'users.npy'], ['u.txt', 'user_ids.txt'];
is(slurp('e/seen.jsonl'), join('', map { "{\"user\":\"$_\",\"items\":[]}\n" }
                               qw(x y z)), 'nothing was seen');
fails('export over files', 3, qr/not an empty folder/, qw(export b -o e));

spew('half.npy', npy('<f2', 'False', '(4, 2)',
     pack 'v*', 0x3c00, 0, 0, 0x3c00, 0x3c00, 0x3c00, 0x4000, 0x4000));
succeeds('pack float16', qw(pack --items half.npy --item-ids v.txt -o h));
succeeds('export float16', qw(export h -o eh));
is(slurp('eh/items.npy'), slurp('v.npy'), 'exact');
ok(!-e 'eh/users.npy', 'no users, no users.npy');

my $verified = succeeds('verify', qw(verify b));
like($verified, qr/^seal +ok/m, 'seal');
like($verified, qr/^structure +ok +4 items, 3 users, 2 factors$/m,
     'structure');
like($verified, qr/^answers +ok +3 golden/m, 'golden answers');

$out = $json->decode(succeeds('inspect', qw(inspect b --json)));
is("$out->{items} $out->{users} $out->{factors} $out->{size}",
   '4 3 2 ' . -s 'b', 'counts and size');
is_deeply($out->{item_columns}, ['title'], 'columns');
is_deeply($out->{filters}, { title => 2 }, 'filters');
is($out->{manifest}{algorithm}, 'packed', 'manifest');
is((grep { $_->{name} eq 'item_factors' } @{ $out->{tables} })[0]{rows}, 4,
   'tables');
like(succeeds('inspect', qw(inspect b)),
     qr/^items +4\n.*^filters +title \(2 values\)$/ms, 'as text');

# --- generations ---------------------------------------------------------

my $hash = $out->{hash};

like(succeeds('publish', qw(publish b M)), qr/^000001-$hash is current/);
like(succeeds('publish', qw(publish h M)), qr/^000002-/);
like(succeeds('rollback', qw(rollback M)), qr/^000003-$hash/);
like(succeeds('rollback --to', qw(rollback M --to 2)), qr/^000004-/);
is(readlink 'M/current', (glob 'M/gen-000004-*')[0] =~ s{M/}{}r, 'current');
is(succeeds('prune', qw(prune M --keep 2)), "2 removed\n", 'prune');
is(scalar(() = glob 'M/gen-*'), 2, 'two stay');
like(succeeds('a model directory', qw(inspect M)),
     qr/^generation +000004-/m, 'inspect of a directory');
fails('rollback to none', 1, qr/no generation 000009/,
      qw(rollback M --to 9));
fails('rollback of nothing', 1, qr/"nowhere"/, qw(rollback nowhere));
fails('prune of nothing', 1, qr/"nowhere"/, qw(prune nowhere --keep 1));
fails('prune --keep 0', 2, qr/--keep must be a number from 1/,
      qw(prune M --keep 0));
fails('prune without --keep', 2, qr/--keep N is missing/, qw(prune M));
fails('publish below a missing folder', 1, qr{run mkdir -p "no/such" first},
      qw(publish b no/such/M));
fails('publish of nothing', 1, qr/"nowhere"/, qw(publish nowhere N));
fails('publish of no bundle', 1, qr/"u.txt"/, qw(publish u.txt N));
fails('publish into a file', 1, qr/"u.txt"/, qw(publish b u.txt));

# --- bad input -----------------------------------------------------------

for my $k (qw(0 -1 1001 1000000000 99999999999999999999 ten 1.5), '') {
    fails("-k \"$k\"", 2, qr/-k must be a number from 1 to 1000/,
          qw(recommend b --user x -k), $k);
}

fails('no user', 2, qr/--user, --users, --items, --item, --query or --strategy/,
      qw(recommend b));
fails('an id of 0 bytes', 2, qr/--user wants an id/,
      qw(recommend b --user), '');
fails('an id of 512 bytes', 2, qr/1 to 128 bytes/,
      qw(recommend b --user), 'x' x 512);
fails('broken UTF-8', 2, qr/UTF-8/, qw(recommend b --user), "\xff\xfe");
fails('an item of 512 bytes', 1, qr/--items: "x{64}" is no item id/,
      qw(recommend b --items), 'x' x 512);
fails('no such strategy', 2, qr/--strategy is/,
      qw(recommend b --user x --strategy best));
fails('no such exclusion', 2, qr/--exclude is seen or none/,
      qw(recommend b --user x --exclude all));
fails('no bundle', 1, qr/"nowhere"/, qw(recommend nowhere --user x));
fails('a folder without a model', 1, qr/has no published model/,
      qw(recommend e --user x));
fails('no file of users', 1, qr/nowhere/, qw(recommend b --users nowhere));

spew('bad.txt', "x\n\ny\n");
fails('an empty line among users', 1, qr/bad.txt:2: not an id/,
      qw(recommend b --users bad.txt));
spew('bad.txt', "x\n" . 'y' x 512 . "\n");
fails('an id of 512 bytes among users', 1, qr/bad.txt:2: not an id/,
      qw(recommend b --users bad.txt));
spew('bad.txt', "a\nb\0\nc\nd\n");
fails('NUL in an id', 1, qr/bad.txt:2: not an id/,
      qw(pack --items v.npy --item-ids bad.txt -o p));
spew('bad.txt', "a\nb\na\nd\n");
fails('an id twice', 1, qr/bad.txt:3: id "a" stands twice, first in line 1/,
      qw(pack --items v.npy --item-ids bad.txt -o p));
spew('bad.txt', "a\nb\nc\n");
fails('too few ids', 1, qr/"bad.txt" has 3 ids, but "v.npy" has 4 rows/,
      qw(pack --items v.npy --item-ids bad.txt -o p));
fails('no ids', 1, qr/nowhere/, qw(pack --items v.npy --item-ids nowhere
                                   -o p));
fails('no vectors', 1, qr/"nowhere"/, qw(pack --items nowhere
                                         --item-ids v.txt -o p));
fails('users without ids', 2, qr/--users and --user-ids/,
      qw(pack --items v.npy --item-ids v.txt --users u.npy -o p));
fails('no output', 2, qr/-o is missing/,
      qw(pack --items v.npy --item-ids v.txt));

spew('bad.npy', npy('<f4', 'False', '(3, 3)', floats(1 .. 9)));
fails('dims that disagree', 1, qr/"bad.npy" has 3 columns, but "v.npy" has 2/,
      qw(pack --items v.npy --item-ids v.txt --users bad.npy --user-ids u.txt
         -o p));
spew('bad.npy', npy('<f4', 'False', '(4, 2)',
                    floats(1, 0, 0, 1, 'NaN', 1, 2, 2)));
fails('NaN', 1, qr/"bad.npy": row 2 \(from 0\)/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f4', 'False', '(4, 2)',
                    floats(1, 0, 0, 1, 1, 1e30, 2, 2)));
fails('a vector too long', 1, qr/item row 2 \("c"\) is too long, 1e\+30;/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f8', 'False', '(4, 2)', pack 'd*', 1 .. 8));
fails('float64', 1, qr/the type is <f8.*<f4/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f4', 'True', '(4, 2)', floats(1 .. 8)));
fails('Fortran order', 1, qr/Fortran order.*ascontiguousarray/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f4', 'False', '(4, 0)', ''));
fails('no columns', 1, qr/no columns/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f4', 'False', '(4, 1025)', floats((1) x 4100)));
fails('too many columns', 1, qr/1025 factors, at most 1024/,
      qw(pack --items bad.npy --item-ids v.txt -o p));
spew('bad.npy', npy('<f4', 'False', '(0, 2)', ''));
spew('empty.txt', '');
fails('no items', 1, qr/at least one item/,
      qw(pack --items bad.npy --item-ids empty.txt -o p));
spew('bad.csv', "id,title\na\n");
fails('attributes with a field too few', 1, qr/bad.csv:2: wrong number/,
      qw(pack --items v.npy --item-ids v.txt --attributes bad.csv -o p));

# --- damage --------------------------------------------------------------

my $bundle = slurp('b');

for my $case (['cut short', substr($bundle, 0, -1)],
              ['a byte more', $bundle . "\0"],
              ['a page less', substr($bundle, 0, 8192)],
              ['empty', ''],
              ['a flipped bit', do { my $b = $bundle;
                                     vec($b, 20000, 8) ^= 4; $b }],
              ['a flipped bit of the seal',
               do { my $b = $bundle;
                    vec($b, length($b) - 4096 + 40, 8) ^= 1; $b }])
{
    spew('bad.mdb', $case->[1]);
    fails("$case->[0]: $_->[0]", 1, qr/"bad.mdb"/, @$_, 'bad.mdb')
        for ['verify'], ['inspect'], ['recommend', '--user', 'x'];
    fails("$case->[0]: publish", 1, qr/"bad.mdb"/, 'publish', 'bad.mdb',
          'M');
}

# --- full disks ----------------------------------------------------------

SKIP: {
    skip 'no /dev/full', 3 unless -c '/dev/full';

    for my $args ([qw(recommend b --user x)], [qw(inspect b --json)],
                  [qw(verify b)])
    {
        my ($status, undef, $err) = do {
            my $command = join ' ', $recs, @$args;
            system("$command >/dev/full 2>$dir/.err");
            ($? >> 8, undef, slurp("$dir/.err"));
        };

        is("$status $err", "1 recs $args->[0]: cannot write to standard "
           . "output\n", "$args->[0] to a full disk");
    }
}

# A limit on the size of files acts as a full disk does (blocks of 512 bytes).
fails_as('ulimit -f 20;', 'pack to a full disk', 1, qr/"p/,
         qw(pack --items v.npy --item-ids v.txt -o p));
fails_as('ulimit -f 20;', 'publish to a full disk', 1, qr/M/,
         qw(publish b M));
spew('large.npy', npy('<f4', 'False', '(3000, 8)', floats(1 .. 24000)));
spew('large.txt', join '', map { "i$_\n" } 1 .. 3000);
succeeds('pack', qw(pack --items large.npy --item-ids large.txt -o large));
fails_as('ulimit -f 20;', 'export to a full disk', 1, qr/large-export/,
         qw(export large -o large-export));

SKIP: {
    skip 'root may write anywhere', 1 if $> == 0;

    mkdir 'locked', 0555 or die;
    fails('a folder without permission', 1, qr/locked/,
          qw(pack --items v.npy --item-ids v.txt -o locked/p));
}

# --- datasets ------------------------------------------------------------

fails('import of nothing', 1, qr/nowhere/,
      qw(import --format csv -o d nowhere));
fails('an empty file', 1, qr/empty.txt/,
      qw(import --format csv -o d empty.txt));
spew('head.csv', "user,item,timestamp\n");
fails('rows: none', 1, qr/./, qw(import --format csv -o d head.csv));
fails('train on nothing', 1, qr/nowhere/,
      qw(train --model ials --data nowhere -o p));
fails('train on no dataset', 1, qr/v.npy/,
      qw(train --model ials --data v.npy -o p));

spew('events.csv', "user,item\n" . join '', map {
    my $u = $_;
    map { "u$u,i" . ($u * $_ % 11) . "\n" } 1 .. 4
} 1 .. 12);
succeeds('import', qw(import --format csv -o d events.csv));
fails("$_->[0] onto its input", 3, qr/"$_->[-1]" is an input/, @$_)
    for [qw(split d --split last=0.2 --test c -o d)],
        [qw(split d --split last=0.2 -o c --test ./d)],
        [qw(train --model ials --data d -o d)],
        [qw(tune --model ials --trials 1 --data d -o d)],
        [qw(evaluate --model ials --data d --test events.csv --html
            events.csv)],
        [qw(evaluate --data d --compare v.npy --compare ials --html v.npy)],
        [qw(import --format csv events.csv -o events.csv)],
        [qw(import --format csv -o d2 events.csv --rejects events.csv)],
        [qw(pack --items v.npy --item-ids v.txt -o v.txt)];
fails('two outputs of one name', 2, qr/-o and --test name one file/,
      qw(split d --split last=0.2 -o c --test c));
fails('simulate over files', 3, qr/not an empty folder/, qw(simulate -o e));
fails('no such model', 2, qr/best/, qw(train --model best --data d -o p));
fails('no such parameter', 2, qr/wings/,
      qw(train --model ials --data d --set wings=2 -o p));
fails_as('ulimit -f 20;', 'train to a full disk', 1, qr/p/,
         qw(train --model popularity --data d -o p --quiet));
succeeds('train', qw(train --model popularity --data d -o p --quiet));
$out = $json->decode(succeeds('no vectors',
                              qw(recommend p --user u1 -k 2 --json)));
is("$out->{source} $out->{reason}", 'popular no_vectors', 'says why');
succeeds('export without vectors', qw(export p -o ep));
ok(!-e 'ep/items.npy' && -e 'ep/popularity.npy', 'what there is');

# --- signals -------------------------------------------------------------

POSIX::mkfifo('pipe', 0600) or die;

for my $signal (qw(INT TERM HUP PIPE)) {
    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        # nohup and shells leave some ignored, and recs would ignore them too
        $SIG{$signal} = 'DEFAULT';
        exec $recs, qw(import --format csv --rejects r -o i pipe);
    }

    # It has made a temporary file and waits for somebody to write.
    my $ended = 0;
    $ended = waitpid $pid, POSIX::WNOHANG()
        until $ended or () = glob "$dir/r.*";

    kill $signal, $pid;
    waitpid $pid, 0 unless $ended;
    is($? & 127, { INT => 2, TERM => 15, HUP => 1, PIPE => 13 }->{$signal},
       "SIG$signal ends it");
    is(join(' ', glob("$dir/r*"), glob("$dir/i*")), '', 'nothing left behind');
}

# A pipe that nobody reads to its end.
for (['DEFAULT', 'signal 13', ''],
     ['IGNORE', 1, "recs recommend: cannot write to standard output\n"])
{
    my ($how, $ends, $says) = @$_;

    local $SIG{PIPE} = $how;
    pipe my $in, my $out or die "pipe: $!";
    close $in;

    my ($status, undef, $err) = run_to($out, '',
                                       qw(recommend b --users u.txt -k 2));
    is($status, $ends, "SIGPIPE $how: how it ends");
    is($err, $says, '... and what it says');
}

# --- the command itself --------------------------------------------------

my ($status, $text, $err) = run('--help');
is($status, 0, '--help');

for my $name ($text =~ /^  (\w+) /mg) {
    ($status, my $help) = run($name, '--help');
    is($status, 0, "$name --help");
    like($help, qr/\Arecs $name: .*\n\nUsage: recs $name /, "${name}: usage");
}

($status, undef, $err) = run();
is($status, 2, 'no command');
($status, undef, $err) = run('fly');
is("$status $err", "2 recs: unknown command \"fly\" (see recs --help)\n",
   'an unknown command');
fails('an unknown option', 2, qr/unknown option "--wings"/,
      qw(verify b --wings));
fails('an option without its value', 2, qr/needs a value/,
      qw(recommend b --user));
fails('too few arguments', 2, qr/too few/, 'verify');
fails('too many arguments', 2, qr/too many/, qw(verify b b));

# --- docs/cli.md ---------------------------------------------------------

my $docs = slurp("$root/docs/cli.md");
my ($loop) = $docs =~ /^## The whole loop\n(.*?)^## /ms;

mkdir 'loop' or die;
chdir 'loop' or die;

for my $line ($loop =~ /^    recs (.*)$/mg) {
    succeeds("docs: recs $line", split ' ', $line);
}

chdir $dir or die;

for my $name ($text =~ /^  (\w+) /mg) {
    my ($section) = $docs =~ /^## recs [^\n]*\b$name\b(.*?)(?=^## |\z)/ms;
    my (undef, $help) = run($name, '--help');

    my @missing = grep { index($section // '', "`$_") < 0
                         && index($section // '', "$_ ") < 0 }
        grep { $_ ne '--help' } $help =~ /^  (--?[\w-]+)/mg;
    is("@missing", '', "docs: every option of $name");
}

done_testing();
