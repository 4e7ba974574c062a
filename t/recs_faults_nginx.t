# Each allocation of nginx fails in turn.  While a configuration is read, it is
# refused or taken; while a worker begins, it serves the fallback or all; in a
# request, the answer is the right one, the page as it was, or an error.  No
# process dies of a signal.
#
# RECS_LONG=1 fails every one; else of many only so many, evenly.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsFaults;
use RecsNginx;

plan skip_all => 'no faults.so' unless RecsFaults::available;

my $MOST = $ENV{RECS_LONG} ? 1e9 : 60;
my $PAST = 3;                     # counts differ a little between requests

my $t = RecsNginx->new;
my $faults = RecsFaults->new($t);

$t->publish($t->bundle('a', model => 'blend'), 'shop');
$t->run('mkdir', '-p', $t->path('www'));
$t->write('rules', "pin best 2 i3\nboost * 0.1 where category = odd\n"
          . "block best i4\n");
$t->write('www/page.html', '<p>before</p><recs-slot name="for_you" count="3">'
          . '<p>fallback</p></recs-slot><p>after</p>');

$t->conf(<<'END');
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 5; diversity 0.2; }
    recs_slot best { model shop; strategy popular; count 5; }
    recs_rules %%DIR%%/rules;
    recs_session_zone visitors 1m;
    recs_experiment e { unit $cookie_uid; salt s; variant a 50; variant b 50; }

    recs_user $cookie_uid;
    recs_event_log off;

    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/www;
        recs_session zone=visitors;

        location /recs/ { recs_api; }
        location /collect { recs_event_log %%DIR%%/events; recs_collect; }
        location /status { recs_status; }
        location /page.html { recs_fill on; recs_track view $arg_item; }
        location /variables { return 200 "$recs_ids_for_you $recs_variant_e"; }
    }
}
END


# --- configuration ----------------------------------------------------------

my @test = $t->command('-t');
my ($n) = $faults->count(memory => @test);
my (%wrong, %seen);

for my $at (RecsFaults::points($n, $MOST)) {
    my ($status, $said) = $faults->hit(memory => $at, @test);

    # The C library asks for a user's name then, and may die of it itself.
    if ($status == 0 || $said =~ /syntax is ok/) {
        $seen{taken}++;
    } elsif ($status == 256 && $said =~ /\[(?:emerg|alert|crit)\]/) {
        $seen{refused}++;
    } else {
        $wrong{"at $at: wait status $status, $said"} = 1;
    }
}

is(join("\n", sort keys %wrong), '', "nginx -t, $n allocations");
ok($seen{refused}, 'some are needed');


# --- requests ---------------------------------------------------------------

{
    local %ENV = (%ENV, $faults->environment);
    $t->start;
}

my $form = 'application/json';
my %requests = (
    personal  => ['GET', '/recs/for_you', Cookie => 'uid=u1'],
    popular   => ['GET', '/recs/best'],
    session   => ['GET', '/recs/for_you', Cookie => 'uid=stranger'],
    page      => ['GET', '/page.html', Cookie => 'uid=u2'],
    track     => ['GET', '/page.html?item=i3', Cookie => 'uid=u3'],
    variables => ['GET', '/variables', Cookie => 'uid=u4'],
    status    => ['GET', '/status'],
    collect   => ['POST', '/collect', Cookie => 'uid=u5', 'Content-Type' =>
                  $form, ':body' => '{"event":"view","item":"i1"}'],
);


# What does not change from one answer to the next; "0 " where the connection
# was closed without one.
sub answer {
    my ($name) = @_;

    my $r = $t->request(@{ $requests{$name} });
    my $body = $name =~ /^(?:status|track)$/ ? '' : $r->{body};

    return "$r->{status} $body";
}


$t->request('GET', '/page.html?item=i7', Cookie => 'uid=stranger');

my ($worker) = $t->workers;
my $page = '200 ' . $t->read('www/page.html');

for my $name (sort keys %requests) {
    my $right = answer($name);

    $faults->arm(memory => 0);
    answer($name);
    my ($calls) = $faults->disarm;

    my ($failed, %wrong) = (0);

    for my $at (1 .. $calls + $PAST) {
        $faults->arm(memory => $at);
        my $got = answer($name);
        $faults->disarm;

        $failed++ if $got ne $right;
        $wrong{"at $at: $got"} = 1
            unless $got eq $right || $got =~ /\A(?:0|500) /
                || $name eq 'collect' && $got =~ /\A400 /
                || $got eq $page || $got =~ /\A200 .*"source":"popular"/;
    }

    is(join("\n", sort keys %wrong), '', "$name, $calls allocations");
    is(answer($name), $right, "$name: and afterwards the right answer");
    cmp_ok($failed, '>', 0, "$name: some are needed") if $calls > 0;
}

is_deeply([$t->workers], [$worker], 'one worker has answered them all');

$t->expect(qr/Cannot allocate memory|no memory|malloc failure/);
$t->expect(qr/get_ex_new_index\(\) failed|init_ssl\(\) failed|dlopen\(\)/);

$t->done;
