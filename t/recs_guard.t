# The guard of experiments: each unit counted once, over workers, reloads and
# kills; a broken split turns an experiment off, a fair one stays on whatever
# single visitors do.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;

use lib "$FindBin::Bin/lib";
use RecsNginx;

use constant CLIENTS => 4;
use constant UNITS   => 50;

my $t = RecsNginx->new;
$t->publish($t->bundle('a'), 'shop');


# What of experiment `lost` a test changes.
sub configure {
    my (%given) = @_;

    my $sticky = $given{version}
                 ? "sticky on version=$given{version};" : '';
    my $guard = $given{guard} // 'on';
    my $b = $given{b} // 50;
    my $a = 100 - $b;

    $t->write('keys', '1 ' . '11' x 32 . "\n");
    chmod 0600, $t->path('keys');

    return $t->conf(<<"END", workers => 4);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; strategy popular; count 2; }

    recs_session_key %%DIR%%/keys;
    recs_switch %%DIR%%/switch;
    recs_user \$arg_u;

    # Both variants are met where the variable is read.
    recs_experiment fair { unit \$arg_u; variant a 50; variant b 50;
                           guard on; expose; override query; }

    # Who is in b loses his way to the page that shows it.
    recs_experiment lost { unit \$arg_u; slot for_you; $sticky guard $guard;
                           variant a $a; variant b $b count=1; }

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        recs_visitor_cookie off;

        location /fair { return 200 "\$recs_variant_fair"; }
        location /lost { return 200 "\$recs_variant_lost"; }
        location /recs/ { recs_api; }
        location /page { if (\$recs_variant_lost = b) { return 204; }
                         rewrite ^ /recs/for_you; }
        location /status { recs_status; }
        location /metrics { recs_status prometheus; }
        location /html { recs_status html; }
    }
}
END
}


sub experiment {
    my ($name) = @_;

    return (grep { $_->{name} eq $name }
            @{$t->json('/status')->{json}{experiments}})[0];
}


sub counts {
    my ($name, $what) = @_;

    return join ' ', map { $_->{$what} } @{experiment($name)->{variants}};
}


# What is counted is counted when a response has gone.
sub becomes {
    my ($what, $expected, $condition) = @_;

    my $is = '';

    eval {
        $t->wait_for($what, sub { ($is = $condition->()) eq $expected });
    };

    is($is, $expected, $what);
}


sub meet { return $t->get("/fair?u=$_[0]")->{body} }

sub again { configure(@_); $t->reload; return }


configure();
$t->start;


# --- units -----------------------------------------------------------------------

# Several clients at once ask as the same visitors: workers race for them.

my @clients;

for (1 .. CLIENTS) {
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        for my $i (1 .. UNITS) {
            meet("u$i");
        }

        POSIX::_exit(0);
    }

    push @clients, $pid;
}

waitpid $_, 0 for @clients;

my %in;
$in{meet("u$_")}++ for 1 .. UNITS;

becomes('requests are counted', (CLIENTS + 1) * UNITS, sub {
    my $n = 0;
    $n += $_ for split ' ', counts('fair', 'exposures');
    return $n;
});

is(counts('fair', 'units'), "$in{a} $in{b}", 'and each visitor once');

my $fair = experiment('fair');

is($fair->{state}, 'on', 'a fair experiment is on');
cmp_ok($fair->{sample_ratio}{p}, '>', .05, 'and its p shows it');
is($fair->{sample_ratio}{mismatch}, undef, 'no mismatch');
is($fair->{variants}[0]{share}, .5, 'half are expected in a');

# One visitor who asks all the time would make any count of requests unfair.

my $busy = 'u1';
my $where = meet($busy) eq 'a' ? 0 : 1;

for (1 .. 3 * UNITS) {
    meet($busy);
}

becomes('a busy visitor', (CLIENTS + 2) * UNITS + 2 * UNITS + 1, sub {
    my $n = 0;
    $n += $_ for split ' ', counts('fair', 'exposures');
    return $n;
});

my @requests = split ' ', counts('fair', 'exposures');

cmp_ok(($requests[0] - $requests[1]) ** 2 / ($requests[0] + $requests[1]),
       '>', 10.83, 'by requests the split would be refused');
is(counts('fair', 'units'), "$in{a} $in{b}", 'by visitors it is as before');
is(experiment('fair')->{state}, 'on', 'and the experiment is on');

# Who is nobody, and who is forced, stands in no count.

$t->get('/fair');
$t->get('/fair?u=forced&fair=1');

becomes('without a unit, and forced', '1 1', sub {
    my $x = experiment('fair');
    return "$x->{without_unit} $x->{forced}";
});

is(counts('fair', 'units'), "$in{a} $in{b}", 'no unit of them');


# --- what keeps the counts ----------------------------------------------------------

$t->reload;
is(counts('fair', 'units'), "$in{a} $in{b}", 'a reload keeps the counts');

my ($victim) = $t->workers;
$t->kill_worker($victim);
is(counts('fair', 'units'), "$in{a} $in{b}", 'so does a worker\'s end');

for my $i (1 .. 20) {
    meet("u$i");
}

$in{meet("w$_")}++ for 1 .. 20;

becomes('new visitors count, old ones do not', "$in{a} $in{b}",
        sub { counts('fair', 'units') });


# --- the guard -----------------------------------------------------------------------

sub show { return $t->get("/page?u=$_[0]")->{status} }
sub told { return scalar(() = $t->log =~ /"lost" is turned off/g) }

my $i = 0;

$t->wait_for('the guard to turn it off', sub {
    show('g' . $i++) for 1 .. 20;
    return experiment('lost')->{state} eq 'guarded';
});

my $lost = experiment('lost');
my $units = $lost->{variants}[0]{units};

cmp_ok($units, '>=', 126, 'no sooner than 126 of a and none of b say so');
cmp_ok($units, '<', 126 + 40, 'and not much later');
is($lost->{variants}[1]{units}, 0, 'nobody was seen in b');
cmp_ok($lost->{sample_ratio}{p}, '<', .001, 'p is under .001');
cmp_ok($lost->{sample_ratio}{mismatch}, '>', time - 60, 'and when is told');
is($t->get('/lost?u=g1')->{body}, '', 'nobody is in it any more');
is(show("h$_"), 200, 'everybody finds the page') for 1 .. 8;
is(experiment('fair')->{state}, 'on', 'the other one runs on');

is(told(), 1, 'one worker has said it once');
my ($line) = grep { /"lost" is turned off/ } split /\n/, $t->log;

like($line, qr/ \[error\] /, 'as an error');
like($line, qr/\(a \d+ instead of \d+\.\d, b 0 instead of \d+\.\d; p \d\.\de-\d\d\)$/,
     'with the numbers');

$t->reload;
is(experiment('lost')->{state}, 'guarded', 'it stays off over a reload');
$t->kill_worker(($t->workers)[0]);
is($t->get('/lost?u=g1')->{body}, '', 'and a worker\'s end');
is(told(), 1, 'without another word');


# --- the pages --------------------------------------------------------------------------

my $metrics = $t->get('/metrics')->{body};

like($metrics, qr/^ngx_recs_experiment_units_total\{experiment="fair",
                  variant="a"\}\ $in{a}$/mx, 'Prometheus: units');
like($metrics, qr/^ngx_recs_experiment_expected_share\{experiment="lost",
                  variant="b"\}\ 0\.5$/mx, 'their share');
like($metrics, qr/^ngx_recs_experiment_off\{experiment="lost"\} 1$/m,
     'what is off');
like($metrics, qr/^ngx_recs_experiment_mismatch\{experiment="fair"\} 0$/m,
     'and what is not');
like($metrics, qr/^ngx_recs_experiment_sample_ratio_p\{experiment="lost"\}
                  \ 0\.000\d+$/mx, 'p');

my @bad = grep { !/^#|^[a-z_0-9]+(?:\{[^}]*\})? [-+.e\d]+$/ } split /\n/, $metrics;
is("@bad", '', 'every line is one');

my $html = $t->get('/html')->{body};
like($html, qr{<b>lost</b></td>.*?class="bad">guarded<}s, 'the page for people');
like($html, qr{a <b>$in{a}</b>}, 'with units');


# --- the way back --------------------------------------------------------------------------

# As each of the workers has it: a connection goes to one by its port.
sub everywhere {
    my ($what, %states) = @_;

    $t->wait_for($what, sub {
        for (1 .. 24) {
            for my $name (keys %states) {
                return 0 if experiment($name)->{state} ne $states{$name};
            }
        }

        return 1;
    });

    pass($what);
}

$t->write('switch', "experiment lost on\n");
everywhere('a switch overrides the guard', lost => 'on', fair => 'on');
isnt($t->get('/lost?u=g1')->{body}, '', 'somebody is in it again');

$t->write('switch', "experiment fair off\n");
everywhere('or turns a good one off, and the guard rules again',
           lost => 'guarded', fair => 'switched off');
is(meet('u1'), '', 'nobody is in it');

unlink $t->path('switch');
everywhere('no switch', lost => 'guarded', fair => 'on');

again(version => 2);
is(experiment('lost')->{state}, 'on', 'a new version is on');
is(counts('lost', 'units'), '0 0', 'and counts from the start');

again();
is(experiment('lost')->{state}, 'guarded', 'the old one is still known');

again(b => 40);
is(experiment('lost')->{state}, 'on', 'other weights are another split');
is(experiment('lost')->{variants}[1]{share}, .4, 'which is expected then');


# --- without a guard -----------------------------------------------------------------------

again(guard => 'off', b => 30);

$t->wait_for('a mismatch', sub {
    show('k' . $i++) for 1 .. 20;
    return experiment('lost')->{sample_ratio}{mismatch};
});

is(experiment('lost')->{state}, 'on', 'a mismatch alone turns nothing off');
like($t->log, qr/\[warn\].*"lost" cannot be believed, "guard" is off/,
     'but is told');

again(b => 30);
is(experiment('lost')->{state}, 'guarded', 'until there is a guard');


# --- places ----------------------------------------------------------------------------------

# There are 64: those of experiments that are gone are taken by new ones, never
# those of others that run.

sub many {
    my @names = @_;

    my $experiments = join "\n", map {
        "recs_experiment $_ { unit \$arg_u; variant a 50; variant b 50;"
        . ' expose; }' } @names;

    $t->conf(<<"END", workers => 1);
http {
    %%HTTP%%
    $experiments
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { return 200 "\$recs_variant_$names[-1]"; }
        location /status { recs_status; }
    }
}
END
    $t->reload;
}

sub total { my $n = 0; $n += $_ for split ' ', counts($_[0], 'units'); $n }

my @old = map { "x$_" } 1 .. 50;

many('fair', @old);
is(counts('fair', 'units'), "$in{a} $in{b}", 'with 50 others: still counted');

many(map({ "y$_" } 1 .. 62), 'new', 'fair');
is(counts('fair', 'units'), "$in{a} $in{b}", 'with 63 new ones too');

$t->get('/?u=once');
becomes('and goes on', $in{a} + $in{b} + 1, sub { total('fair') });

many(map({ "z$_" } 1 .. 63), 'last', 'over');
like($t->log, qr/\[warn\].*"over" are not counted: there are more than 64/,
     'the 65th has no place');
is($t->get('/?u=one')->{status}, 200, 'but a variant');

$t->done;
