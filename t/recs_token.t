# Keys: their files, and what is refused.

use strict;
use warnings;

use FindBin;
use POSIX qw(mkfifo);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $KEY = '6b657920' x 8;
my $OLD = '6f6c6421' x 8;

$t->publish($t->bundle('a'), 'shop');


sub configure {
    my ($extra) = @_;

    $t->conf(<<"END");
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot best { model shop; strategy popular; count 5; }

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;

        $extra

        location /recs/ { recs_api; }
    }
}
END
}


sub key_file {
    my ($text, $mode) = @_;

    my $path = $t->write('keys', $text);
    chmod $mode // 0640, $path or die;

    return $path;
}


# --- key files ----------------------------------------------------------------

my @refused = (
    [ 'empty'           => '', qr/"$t->{dir}\/keys" has no key/ ],
    [ 'comments alone'  => "# none\n\n", qr/has no key/ ],
    [ 'no number'       => "$KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'number 0'        => "0 $KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'number 256'      => "256 $KEY\n", qr/line 1: .* number from 1 to 255/ ],
    [ 'a number alone'  => "# x\n7\n", qr/line 2: the key is shorter than 16/ ],
    [ 'a short key'     => "1 $KEY\n2 " . '00' x 15,
      qr/line 2: the key is shorter than 16 bytes, 32 hex digits/ ],
    [ 'a long key'      => '1 ' . '00' x 65, qr/line 1: the key is longer/ ],
    [ 'an odd digit'    => "1 ${KEY}a", qr/line 1: the key is not pairs of/ ],
    [ 'no hex'          => "1 ${KEY}xy", qr/line 1: the key is not pairs of/ ],
    [ 'two words'       => "1 $KEY $KEY", qr/line 1: the key is not pairs/ ],
    [ 'a number twice'  => "1 $KEY\n1 $OLD",
      qr/line 2: another key has this number/ ],
    [ 'a bad third key' => "1 $KEY\n2 $OLD\n3 00",
      qr/line 3: the key is shorter/ ],
    [ 'a NUL byte'      => "1 $KEY\0", qr/line 1: the key is not pairs of/ ],
    [ 'a large file'    => '#' x 16385, qr/"$t->{dir}\/keys" is over 16384/ ],
);

$t->expect(qr/key file "|is duplicate/);

for my $directive (qw(recs_token_key recs_session_key)) {
    configure("$directive keys;");

    for my $case (@refused) {
        my ($name, $text, $message) = @$case;

        key_file($text);

        my ($status, $output) = $t->test;
        isnt($status, 0, "$directive: $name");
        like($output, $message, 'and why');
        unlike($output, qr/\Q$KEY\E/, 'without the key');
    }

    for my $mode (0644, 0642) {
        key_file("1 $KEY\n", $mode);
        my ($status, $output) = $t->test;
        isnt($status, 0, sprintf('%s: mode %04o', $directive, $mode));
        like($output, qr/open to everybody: chmod o-rw/, 'and why');
    }

    unlink $t->path('keys') or die;
    my ($status, $output) = $t->test;
    isnt($status, 0, "$directive: no file");
    like($output, qr/key file "$t->{dir}\/keys" failed \(2: No such file/,
         'and why');

    mkfifo($t->path('keys'), 0600) or die;
    ($status, $output) = $t->test;
    isnt($status, 0, "$directive: a pipe");
    like($output, qr/is not a regular file/, 'is not waited for');
    unlink $t->path('keys') or die;

    configure("$directive keys; $directive keys;");
    key_file("1 $KEY\n");
    ($status, $output) = $t->test;
    isnt($status, 0, "$directive twice");
    like($output, qr/is duplicate/, 'and why');
}

configure('recs_token_key keys; recs_session_key keys;');
key_file("# the signing key\r\n\r\n  255\t \U$KEY\E  \r\n1 $OLD\n2 " . '00' x 64);

my ($status, $output) = $t->test;
is($status, 0, 'three keys, comments, blanks, capitals') or diag($output);

$t->start;
is($t->get('/recs/best')->{status}, 200, 'served with keys');

key_file("1 short\n");
$t->reload_fails(qr/line 1: the key is not pairs of/);
is($t->get('/recs/best')->{status}, 200, 'the old configuration serves on');

$t->done;
