# recs_fill where nginx leaves pages in their files: sendfile is on.  The
# worker keeps pages that come again, and sees when their file has changed.

use strict;
use warnings;

use FindBin;
use IO::Uncompress::Gunzip qw(gunzip);
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;
use RecsOrigin;

my $t = RecsNginx->new;
my $origin = RecsOrigin->new($t);

$t->publish($t->bundle('a'), 'shop');

$t->conf(<<'END');
http {
    %%HTTP%%

    types { text/html html; }
    sendfile on;
    proxy_cache_path %%DIR%%/cache keys_zone=pages:1m;

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 4; }
    recs_slot popular { model shop; strategy popular; count 4; }
    recs_user $cookie_uid;
    recs_fill on;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /file/ { alias %%DIR%%/html/; }
        location /kept-open/ {
            alias %%DIR%%/html/;
            open_file_cache max=100;
        }
        location /gzip/ {
            alias %%DIR%%/html/;
            gzip on;
            gzip_min_length 0;
        }
        location /threads/ { alias %%DIR%%/html/; aio threads; }
        location /direct/ { alias %%DIR%%/html/; directio 1; }
        location /memory/ { alias %%DIR%%/html/; sendfile off; }
        location /cached/ {
            proxy_pass http://127.0.0.1:%%PORT_origin%%/;
            proxy_cache pages;
            proxy_cache_valid 200 1h;
        }
    }
}
END

my $you = '<recs-slot name="for_you"><p>You</p></recs-slot>';
my $popular = '<recs-slot name="popular"></recs-slot>';

my %pages = (
    none    => '<p>None</p>' x 100,
    first   => "$you$popular" . '<p>Rest</p>' x 1000,
    last    => '<p>Rest</p>' x 1000 . "$popular$you",
    unended => '<p>Rest</p><recs-slot name="for_you"><p>',
    large   => '<p>Large</p>' x 6000 . $you,
    many    => $popular x 20,
    one     => '<',
);

mkdir $t->path('html') or die "html: $!";

for my $name (keys %pages) {
    $t->write("html/$name.html", $pages{$name});
    $origin->page("/$name.html", chunks => [$pages{$name}]);
}

$t->write('html/empty.html', '');
$t->write("html/n$_.html", "<p>$_</p>$you") for 1 .. 100;

my $path = $t->path('html/last.html');
my @times = (1_000_000_000, 1_000_000_000);
utime @times, $path or die "$path: $!";

$t->start;


sub body {
    my ($path, $user) = @_;

    my $response = $t->get($path, Cookie => "uid=$user");

    if (($response->{headers}{'content-encoding'} // '') eq 'gzip') {
        gunzip(\(my $packed = $response->{body}), \my $plain);
        return $plain;
    }

    return $response->{body};
}


# Of what the worker has read from anywhere, the bytes during one request.
sub read_for {
    my ($path) = @_;

    my $bytes = sub {
        my ($n) = $t->read('/proc/' . ($t->workers)[0] . '/io')
            =~ /^rchar: (\d+)/m or die "rchar: $!";
        return $n;
    };

    my $before = $bytes->();
    $t->get($path);

    return $bytes->() - $before;
}


# --- the same pages, however they come ---------------------------------------

my @ways = qw(file kept-open direct cached);

push @ways, 'threads' if $t->has('threads');

for my $name (sort keys %pages, 'empty') {
    for my $user ('u1', 'u2') {
        my $expected = body("/memory/$name.html", $user);

        for my $way (@ways) {
            next if $name eq 'empty' && $way eq 'cached';

            my @bodies = map { body("/$way/$name.html", $user) } 1 .. 3;
            is_deeply(\@bodies, [($expected) x 3], "$name, $way, $user");
        }

        is(body("/gzip/$name.html", $user), $expected, "$name, gzip, $user");
    }
}

isnt(body('/file/first.html', 'u1'), body('/file/first.html', 'u2'),
     'for each visitor his own');


# --- what is kept ------------------------------------------------------------

$t->wait_for('the page to be kept', sub { read_for('/file/last.html') < 5000 });
cmp_ok(read_for('/memory/last.html'), '>', 10000, 'without sendfile: read');
cmp_ok(read_for('/file/last.html'), '<', 5000, 'with it: kept');

# The same inode, as many bytes, last modified long ago: only the time of the
# change is another one.

my $other = $pages{last} =~ s/Rest/Rust/gr;

open my $fh, '+<', $path or die "$path: $!";
print {$fh} $other;
close $fh or die "$path: $!";
utime @times, $path or die "$path: $!";

like(body('/file/last.html', 'u1'), qr/Rust/, 'a file that was written over');
unlike(body('/file/last.html', 'u1'), qr/Rest/, 'no byte of it is old');

$t->write('html/new.html', $pages{last} =~ s/Rest/Root/gr);
rename $t->path('html/new.html'), $path or die "$path: $!";
like(body('/file/last.html', 'u1'), qr/Root/, 'a file that was replaced');

# More pages than are kept.

for my $round (1 .. 3) {
    my @wrong = grep {
        body("/file/n$_.html", 'u1') !~ m{^<p>$_</p><recs-slot [^>]*><a }
    } 1 .. 100;
    is("@wrong", '', "a hundred pages, round $round");
}

$t->done;
