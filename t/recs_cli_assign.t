#!/usr/bin/perl

# recs assign: an experiment out of an nginx configuration, ids as operands and
# lines, a bandit's arms, forcing tokens, and what it refuses.

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(hmac_sha256);
use File::Temp qw(tempdir);
use JSON::PP ();
use MIME::Base64 qw(decode_base64url);
use Test::More;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;

$recs = abs_path($recs);

my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die "$dir: $!";
END { chdir '/' }


sub spew {
    my ($file, $text) = @_;

    open my $fh, '>:raw', $file or die "$file: $!";
    print {$fh} $text;
    close $fh or die "$file: $!";
}

# Exit status, stdout, stderr.
sub run {
    my ($args) = @_;

    my $out = qx{$recs assign $args 2>err };
    open my $fh, '<:raw', 'err' or die;
    local $/;

    return ($? >> 8, $out, scalar(<$fh>) // '');
}

sub fails {
    my ($name, $status, $message, $args) = @_;

    my ($got, $out, $err) = run($args);

    is($got, $status, "$name: exit status");
    like($err, $message, "$name: message");
    is($out, '', "$name: nothing on stdout");
}


# --- assignments --------------------------------------------------------------

mkdir 'conf.d' or die;
spew('nginx.conf', <<'END');
# recs_experiment home { a comment
events { worker_connections 64; }
http {
    log_format x '{"ip": "$remote_addr", ${braces}: "}"}';
    map $uri $x { "~^/a{2};" 'it\'s } "fine"'; default ""; }
    include conf.d/*.conf;
    include none.d/*.conf;
    recs_experiment other { variant a 50; variant b 50; }
}
END
spew('conf.d/shop.conf', <<'END');
recs_experiment home {
    unit $recs_user $cookie_anon;
    salt "my-test"; hash growthbook1;   # as GrowthBook's vectors have it
    variant control 50;
    variant deep 50
        slot=for_you:for_you_deep count=8;
    guard on;
}
recs_experiment some {
    when $cookie_consent;
    coverage 40; salt 'my-test'; hash growthbook1;
    variant control 50; variant deep 50;
}
recs_experiment play {
    bandit arms; slot best;
    variant x 50 model=a; variant y 50 model=b;
}
END

# Cases "default weights" and "coverage" of run: ids 1 to 9.

my @default = qw(deep control control deep deep deep control deep control);
my @coverage = ('', 'control', 'control', '', 'deep', '', 'control', 'deep', '');
my $ids = join '', map { "$_\n" } 1 .. 9;

my ($status, $out, $err) = run('nginx.conf --experiment home '
                               . join ' ', 1 .. 9);

is($status, 0, 'operands');
is($out, join('', map { "$_\t$default[$_ - 1]\n" } 1 .. 9), 'all in');
is($err, '', 'nothing to say');

spew('ids', $ids);

($status, $out, $err) = run('nginx.conf --experiment some --ids ids');

is($status, 0, 'a file');
is($out, join('', map { "$_\t$coverage[$_ - 1]\n" } 1 .. 9), 'some in');
like($err, qr/`when`: here all pass/, 'that when is not known');

($status, $out) = run("nginx.conf --experiment home --json --ids - <ids");
my @lines = map { JSON::PP::decode_json($_) } split /\n/, $out;

is(scalar @lines, 9, 'lines of JSON');
is_deeply($lines[0], { id => '1', variant => 'deep', reason => 'hash',
                       propensity => 0.5 }, 'one of them');

($status, $out) = run("nginx.conf --experiment some --json 1");
is_deeply(JSON::PP::decode_json($out),
          { id => '1', variant => '', reason => 'coverage' }, 'not in');


# --- a bandit -----------------------------------------------------------------

($status, $out) = run('nginx.conf --experiment play --json 1');
is(JSON::PP::decode_json($out)->{reason}, 'hash', 'no arms yet: the weights');

spew('arms', "experiment play\nepoch one\narm x 0.9\narm y 0.1\n");
($status, $out) = run('nginx.conf --experiment play --json ' . join ' ', 1 .. 99);
@lines = map { JSON::PP::decode_json($_) } split /\n/, $out;

my $x = grep { $_->{variant} eq 'x' } @lines;

is(scalar(grep { $_->{reason} eq 'arms' } @lines), 99, 'drawn by arms');
is(scalar(grep { abs($_->{propensity} - ($_->{variant} eq 'x' ? 0.9 : 0.1))
                 < 1e-12 } @lines), 99, 'propensities');
cmp_ok($x, '>', 75, 'most are x');

spew('arms2', "experiment play\nepoch two\narm y 0.9\narm x 0.1\n");
($status, $out) = run('nginx.conf --experiment play --arms arms2 '
                      . join ' ', 1 .. 99);
cmp_ok(scalar(() = $out =~ /\ty$/mg), '>', 75, '--arms instead');


# --- forcing tokens -----------------------------------------------------------

my $key = '00112233445566778899aabbccddeeff';

spew('key', "7 $key\n1 " . 'ab' x 16 . "\n");
chmod 0600, 'key' or die;

my $before = time;
($status, $out, $err) = run('nginx.conf --experiment home --force deep'
                            . ' --key key --valid 2h');

is($status, 0, 'a token');
like($out, qr/^[A-Za-z0-9_-]{36}\n\z/, 'its form');
chomp $out;

my $bytes = decode_base64url($out);
my ($body, $kid, $mac) = unpack 'a10 C a16', $bytes;
my ($version, $expires, undef, $variant) = unpack 'C V V C', $body;

is("$version $kid $variant", '1 7 1', 'version, key, variant');
cmp_ok($expires - $before, '>=', 7200, 'good for two hours');
cmp_ok($expires - $before, '<', 7260, 'and no more');
is(unpack('H*', $mac),
   unpack('H32', hmac_sha256("recs-force-1\0$body", pack 'H*', $key)),
   'signed by the first key');


# --- refused ------------------------------------------------------------------

my $home = 'nginx.conf --experiment home';

fails('no experiment', 2, qr/--experiment says/, 'nginx.conf 1');
fails('no ids', 2, qr/no ids/, $home);
fails('ids twice', 2, qr/not in both/, "$home --ids ids 1");
fails('no such block', 1, qr/no "recs_experiment x" in "nginx.conf"/,
      'nginx.conf --experiment x 1');
fails('a name that is none', 1, qr/invalid experiment name "Home"/,
      'nginx.conf --experiment Home 1');
fails('no such file', 1, qr/cannot read "none.conf": No such file/,
      'none.conf --experiment home 1');
fails('a token without a key', 2, qr/--force, --key/, "$home --force deep");
fails('a token for ids', 2, qr/--force makes a token for everybody/,
      "$home --force deep --key key 1");
fails('a time', 2, qr/must be a time as/, "$home --force deep --key key"
                                          . ' --valid 2');
fails('no such variant', 1, qr/has no variant "shallow"/,
      "$home --force shallow --key key");
fails('other arms', 1, qr/arms2?: /, "$home --arms arms2 1");

for ([ 'a weight', 'variant a 50; variant b 49.99;', qr/2: the weights .* sum to 99\.99/ ],
     [ 'a word', "salt x;\nfrequency 3;", qr/wrong.conf:3: unknown directive/ ],
     [ 'a block', 'variant a 50 { }', qr/2: unexpected "\{"/ ],
     [ 'no end', 'variant a 50; variant b 50', qr/unexpected "\}"/ ])
{
    my ($name, $lines, $message) = @$_;

    spew('wrong.conf', "http {\nrecs_experiment x { $lines }\n}\n");
    fails($name, 1, $message, 'wrong.conf --experiment x 1');
}

spew('twice.conf', 'recs_experiment x { variant a 50; variant b 50; } ' x 2);
fails('twice', 1, qr/twice.conf:1: duplicate experiment "x"/,
      'twice.conf --experiment x 1');

spew('loop.conf', 'include loop.conf;');
fails('a loop', 1, qr/includes are nested/, 'loop.conf --experiment x 1');

done_testing();
