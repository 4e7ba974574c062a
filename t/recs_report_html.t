#!/usr/bin/perl

# The page of recs report: well-formed, nothing of it from elsewhere, and in a
# real browser, where there is one: readable on a phone and on a desk.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsBrowser;

my $recs = ($ENV{RECS_BUILD} // 'build') . '/recs';

plan skip_all => "no $recs: run make" unless -x $recs;

$recs = abs_path($recs);

my $dir = tempdir('recs_t.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chdir $dir or die "$dir: $!";
END { chdir '/' }

srand 20261124;


# Four weeks of 12,000 visitors: deep has a click more often, by a half; the
# shares of the variants as told.  One slot has a name that is markup.
sub experiment {
    my ($file, $name, $deep) = @_;

    open my $log, '>', $file or die "$file: $!";

    for my $user (1 .. 12000) {
        my $ts = 1760000000000 + $user * 201600;
        my $arm = rand() < $deep ? 'deep' : 'control';
        my $slot = $user % 3 ? 'for_you' : '<b>x</b>';

        print {$log} qq({"ts":$ts,"user":"$name$user","event":"exposure",)
            . qq("experiment":"$name","variant":"$arm","propensity":0.5,)
            . qq("slot":"$slot"}\n);
        print {$log} qq({"ts":@{[$ts + 500]},"user":"$name$user",)
            . qq("event":"click"}\n)
            if rand() < ($arm eq 'deep' ? .15 : .1);
    }
}

sub slurp {
    my ($file) = @_;

    open my $fh, '<:utf8', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}

# What is wrong with the elements' nesting, or ''.
sub unclosed {
    my ($html) = @_;

    my @open;

    $html =~ s/^<!DOCTYPE html>\n// or return 'no doctype';

    while ($html =~ m{\G[^<>]*<(/?)(\w+)((?:\s+[\w:-]+="[^"<>]*")*)(/?)>}gc) {
        if ($1) {
            my $last = pop @open // 'nothing';
            return "$2 closes $last" if $2 ne $last;

        } elsif (!$4) {
            push @open, $2;
        }
    }

    return "open: @open" if @open;
    return $html =~ /\G\s*\z/ ? '' : 'at ' . substr $html, pos($html) // 0, 60;
}


experiment('good.log', 'home', .5);
experiment('broken.log', 'cart', .56);

my $summary = `$recs report good.log --segment slot --html good.html --quiet`;
is($? >> 8, 0, 'a report with a page');
like($summary, qr/better/, '... prints as without');
system("$recs report broken.log good.log --html all.html --quiet > /dev/null");
is($? >> 8, 3, 'a broken split: exit 3, with a page');

my $good = slurp('good.html');
my $all = slurp('all.html');

is(unclosed($good), '', 'well-formed');
is(unclosed($all), '', '... with two experiments, too');
like($good, qr/<h3>. deep is better than control<\/h3>/, 'the verdict first');
like($all, qr/visitors were not split as planned/, 'a broken one says so');
unlike($good, qr/<script|<b>x|src=|href=|url\((?!#)/, 'nothing from elsewhere');
like($good, qr/&lt;b&gt;x&lt;\/b&gt;/, 'names are escaped');
unlike("$good$all", qr/\bnan\b|\binf\b/i, 'no figure that is none');

system("$recs report good.log --html no/such/x.html --quiet > /dev/null 2>&1");
is($? >> 8, 1, 'a page that cannot be written: exit 1');

SKIP: {
    skip 'no chromium and chromedriver', 8 unless RecsBrowser::found();

    my $browser = RecsBrowser->new;

    my $measure = <<'EOF';
        const all = [...document.querySelectorAll('svg')]
            .filter(svg => svg.checkVisibility());
        return [document.documentElement.scrollWidth, innerWidth,
                all.length, Math.min(...all.map(svg => svg.clientWidth)),
                Math.min(...[...document.querySelectorAll('figure text')]
                    .filter(text => text.checkVisibility())
                    .map(text => text.getBoundingClientRect().height)),
                getComputedStyle(document.body).backgroundColor];
EOF

    for ([1200, 'light'], [360, 'dark']) {
        my ($width, $scheme) = @$_;

        $browser->ask(POST => "$browser->{session}/goog/cdp/execute",
            { cmd => 'Emulation.setDeviceMetricsOverride', params => {
                width => $width, height => 800, deviceScaleFactor => 1,
                mobile => JSON::PP::false } });
        $browser->ask(POST => "$browser->{session}/goog/cdp/execute",
            { cmd => 'Emulation.setEmulatedMedia', params => {
                features => [ { name => 'prefers-color-scheme',
                                value => $scheme } ] } });
        $browser->go("file://$dir/good.html");

        my ($needed, $there, $plots, $narrowest, $text, $ground)
            = @{ $browser->ask(POST => "$browser->{session}/execute/sync",
                               { script => $measure, args => [] }) };

        cmp_ok($needed, '<=', $there, "$width $scheme: nothing sticks out");
        cmp_ok($narrowest, '>', 100, "... $plots plots have their room");
        cmp_ok($text, '>', 10, '... and text that can be read');
        is($ground, $scheme eq 'dark' ? 'rgb(20, 24, 31)'
                                      : 'rgb(255, 255, 255)',
           '... on its ground');
    }
}

done_testing();
