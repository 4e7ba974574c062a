#!/usr/bin/perl

# The README's walk-through, command by command as printed, but for places:
# the model, the cache, logs and ports are the test's own.  What it prints of
# the configuration is examples/shop.conf.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsPorts qw(free_port);

my $build = abs_path($ENV{RECS_BUILD} // 'build');
my $nginx = $ENV{RECS_NGINX} // '/usr/sbin/nginx';
my $module = $ENV{RECS_MODULE} // "$build/ngx_http_recs_module.so";

plan skip_all => "no $build/recs" unless -x "$build/recs";
plan skip_all => "no $nginx" unless -x $nginx;

$nginx = abs_path($nginx);
$module = abs_path($module) if $module ne '';

my $dir = tempdir('recs_readme.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $dir;
mkdir "$dir/$_" for qw(bin examples);

my ($front, $back) = (free_port(), free_port());


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!";
    local $/;
    return scalar <$fh>;
}


# As printed -> as run here.
sub placed {
    my ($text) = @_;

    my $load = $module eq '' ? '' : "load_module $module;";

    $text =~ s{^load_module .*;$}{$load}m;
    $text =~ s{^user .*;$}{}m if $> != 0;
    $text =~ s{/var/lib/recs}{$dir/var}g;
    $text =~ s{/var/cache/recs-shop}{$dir/cache}g;
    $text =~ s{/(?:run|var/log/nginx)/recs-shop}{$dir/nginx}g;
    $text =~ s{\b8081\b}{$front}g;
    $text =~ s{\b8082\b}{$back}g;
    my $temp = join '', map { "    ${_}_temp_path $dir/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);
    $text =~ s/^(http .)$/$1\n$temp/m;

    return $text;
}


my $readme = slurp('README.md');
my ($steps) = $readme =~ /^(## Your own data.*?)^> \*\*Consent/ms;
my ($conf) = $steps =~ /^(    load_module .*?^    http .*?^    \}\n)/ms;
my $example = slurp('examples/shop.conf');

$steps =~ s/\Q$conf\E//;
$conf =~ s/^    //mg;
is($example =~ s/\A#.*\n\n//r, $conf, 'the configuration is the example');

open my $fh, '>', "$dir/examples/shop.conf" or die;
print {$fh} placed($example);
close $fh or die;

symlink "$build/recs", "$dir/bin/recs" or die;
symlink $nginx, "$dir/bin/nginx" or die;
$ENV{PATH} = "$dir/bin:$ENV{PATH}";

my @commands = $steps =~ /^    (\S.*)$/mg;

is(join(' | ', splice @commands, 0, 3),
   'script/bootstrap | make | make install', 'first to build');

chdir $dir or die;
END { chdir '/' }

my @pages;

for my $command (@commands) {
    my $run = placed($command);
    $run =~ s/^curl /curl -s --retry 20 --retry-connrefused --retry-delay 0 /;

    my $output = `{ $run; } 2>&1`;
    is($? >> 8, 0, $command) or diag($output);
    push @pages, $output if $command =~ /^curl/;
}

like($_, qr/<recs-slot name="for_you" count="4">(?:\s*<p><a href="[^"]+">[^<]+<\/a><\/p>){4}\s*<\/recs-slot>/,
     'four items') for @pages;
is(scalar @pages, 2, 'two visitors');
isnt($pages[0], $pages[1], 'two lists');
is(scalar(my @entries = glob "$dir/cache/*"), 1, 'one entry in the cache');

# The walk-through ends with nginx on: its last sentence says how to stop it.
my ($stop) = $steps =~ /`(nginx [^`]* -s stop)`/;
ok(defined $stop && system(placed($stop)) == 0, 'stop');

done_testing();
