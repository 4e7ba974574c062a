#!/usr/bin/perl

# A new visitor in a real browser: three likes of one kind, and the slots
# follow; without a script too; and at another nginx that has the same key.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use Test::More;
use Time::HiRes qw(sleep);

use lib "$FindBin::Bin/lib";
use RecsBrowser;
use RecsPorts qw(free_ports);

my $build = $ENV{RECS_BUILD} // 'build';

plan skip_all => 'no chromium and chromedriver' unless RecsBrowser::found();
plan skip_all => "no $build/recs" unless -x "$build/recs";

my $dir = tempdir('recs_browser.XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $dir;

# A shop whose visitors each like one category.
system("$build/recs simulate -o $dir/shop > /dev/null") == 0
    or die "recs simulate failed\n";


sub demo {
    my ($name, $arguments) = @_;

    my $output = `script/demo --prebuilt --dir $dir/$name $arguments 2>&1`;
    die $output if $?;
}


my ($here, $there) = (free_ports(), free_ports());


# How many events of the kind the log holds that are verified.
sub likes {
    my ($name) = @_;

    return scalar grep { /"event":"like"/ && /"verified":true/ }
           map { my $file = $_;
                 open my $fh, '<', $file or die "$file: $!\n";
                 <$fh> } glob "$dir/$name/logs/events.*";
}


# Opens an item of a kind that the front page does not show, and likes three
# things like it: which kind, what.
sub like_three {
    my ($browser, $name) = @_;

    my ($front) = $browser->texts('recs-slot[name=for_you] .kind');
    my $before = likes($name);
    my $kind;

    for my $address ($browser->attributes('recs-slot[name=popular] .row',
                                          'href'))
    {
        $browser->go("http://127.0.0.1:$here$address");
        ($kind) = $browser->texts('recs-slot[name=similar] .kind');
        last if $kind ne $front;
    }

    my @titles = $browser->texts('recs-slot[name=similar] .title');

    for my $i (0 .. 2) {
        $browser->click('recs-slot[name=similar] .like', $i);

        for (1 .. 100) {
            last if likes($name) > $before + $i;
            sleep 0.1;
        }
    }

    is(likes($name), $before + 3, 'three likes, each verified by its token');

    return ($kind, @titles[0 .. 2]);
}


# What is shown for the visitor: how many are of the kind, and the titles.
sub shown {
    my ($browser, $kind) = @_;

    return (scalar(grep { $_ eq $kind }
                   $browser->texts('recs-slot[name=for_you] .kind')),
            $browser->texts('recs-slot[name=for_you] .title'));
}



demo('here', "--port $here --data $dir/shop");
demo('there', "--port $there --data $dir/shop");

# The other machine has the same key, and nothing else.
system('cp', "$dir/here/session.key", "$dir/there/session.key") == 0 or die;
open my $pid, '<', "$dir/there/nginx.pid" or die "$dir/there: $!\n";
chomp(my $master = <$pid>);
kill 'HUP', $master;

# --- with a script ---------------------------------------------------------

{
    my $browser = RecsBrowser->new;

    $browser->go("http://127.0.0.1:$here/");
    isnt(($browser->texts('#source'))[0], 'session', 'somebody new: no session');

    my ($kind, @liked) = like_three($browser, 'here');

    $browser->go("http://127.0.0.1:$here/");
    is(($browser->texts('#source'))[0], 'session', 'then the session');

    my ($n, @titles) = shown($browser, $kind);
    cmp_ok($n, '>=', 6, "the list is of $kind, as what was liked");

    my %titles = map { $_ => 1 } @titles;
    ok(!(grep { $titles{$_} } @liked), 'and nothing that was liked again');

    my $cookies = $browser->cookies;
    ok($cookies->{$_}{httpOnly} && $cookies->{$_}{secure}
       && $cookies->{$_}{sameSite} eq 'Lax', "$_ is a careful cookie")
        for grep { /^recs_/ } keys %$cookies;
    cmp_ok(scalar(grep { /^recs_/ } keys %$cookies), '>=', 2,
           'a cookie of who it is, one of the session');

    # The same machine to the browser: cookies know no ports.
    $browser->go("http://127.0.0.1:$there/");
    is(($browser->texts('#source'))[0], 'session',
       'another nginx knows the session by the key alone');
    is_deeply([(shown($browser, $kind))[1 .. 8]], \@titles,
              'and shows the same');

    $browser->go("http://127.0.0.1:$here/consent/0");
    isnt(($browser->texts('#source'))[0], 'session', 'no: no session');
    ok(!(grep { /^recs_/ } keys %{ $browser->cookies }),
       'and our cookies are gone');
}

# --- without ---------------------------------------------------------------

{
    my $browser = RecsBrowser->new(script => 0);

    $browser->go("http://127.0.0.1:$here/");
    is(($browser->texts('#source'))[0], '-', 'no script runs');

    my ($kind, @liked) = like_three($browser, 'here');

    $browser->go("http://127.0.0.1:$here/");

    my ($n, @titles) = shown($browser, $kind);
    my %titles = map { $_ => 1 } @titles;
    cmp_ok($n, '>=', 6, "the list is of $kind, by links alone");
    ok(!(grep { $titles{$_} } @liked), 'and nothing that was liked again');
}

done_testing();

END {
    local $?;

    for my $name ('here', 'there') {
        demo($name, 'stop') if $dir && -d "$dir/$name";
    }
}
