# bandit FILE: arms that every worker draws by, read again when they change; a
# bad file changes nothing.

use strict;
use warnings;

use FindBin;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;


sub configure {
    my (%given) = @_;

    my $more = $given{more} // '';
    my $keys = $given{keys} ? "recs_session_key %%DIR%%/keys;" : '';

    return $t->conf(<<"END", workers => $given{workers} // 2);
http {
    %%HTTP%%

    recs_experiment home { unit \$arg_u; variant a 100; variant b 0;
                           bandit arms; expose; guard on; $more }
    recs_event_log %%DIR%%/events flush=10ms;
    recs_user \$arg_u;
    $keys

    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        recs_visitor_cookie off;

        location / { return 200 "\$recs_variant_home"; }
        location /status { recs_status; }
    }
}
END
}


sub arms {
    my ($epoch, %arms) = @_;

    # As `recs bandit` does: who reads sees the old file or the new one.
    $t->write('arms.new', join '', "experiment home\nepoch $epoch\n",
              map { "arm $_ $arms{$_}\n" } sort keys %arms);
    rename $t->path('arms.new'), $t->path('arms') or die "rename: $!";
}


my @users = map { "u$_" } 1 .. 60;

sub drawn { return join '', map { $t->get("/?u=$_")->{body} } @users }

sub home { return $t->json('/status')->{json}{experiments}[0] }


# What an answer of `recs assign` is; it draws with the same file.
sub offline {
    $t->write('ids', join '', map { "$_\n" } @users);

    return join '', map { (split /\t/)[1] } split /\n/,
        $t->recs('assign', $t->path('nginx.conf'), '--experiment', 'home',
                 '--ids', $t->path('ids'), @_);
}


# --- what nginx -t refuses -----------------------------------------------------------

for my $case (['sticky on;', '"sticky" needs "recs_session_key" in http'],
              ['override signed;', '"override signed" needs "recs_session_key"'],
              ['sticky on;', '"sticky" and "bandit"', 1])
{
    my ($more, $why, $keys) = @$case;

    $t->write('keys', '1 ' . '11' x 32 . "\n");
    chmod 0600, $t->path('keys');
    configure(more => $more, keys => $keys);

    $t->expect(qr/\Q$why\E/);
    like(($t->test)[1], qr/\Q$why\E/, "$more is refused");
}

configure();
$t->start;


# --- before there are arms --------------------------------------------------------

is(drawn(), 'a' x @users, 'without a file weights are drawn by');
like($t->log, qr/\[error\].*bandit ".*arms": cannot be found/, 'which is told');
is(home()->{bandit}{failed}, JSON::PP::true, 'and shown');


# --- arms ---------------------------------------------------------------------------

my $start = time;

arms('1', a => .5, b => .5);
$t->wait_for('arms in every worker', sub { drawn() eq offline() });

note(sprintf 'after %.2f s', time - $start);

my $first = drawn();
like($first, qr/a.*b|b.*a/, 'both arms are drawn');

my $home = home();
is($home->{bandit}{epoch}, '1', 'of this epoch');
is($home->{variants}[1]{share}, .5, 'which is what the guard expects');

arms('2', a => .5, b => .5);
$t->wait_for('another epoch', sub { drawn() eq offline() });
isnt(drawn(), $first, 'draws anew');

arms('3', a => .01, b => .99);
$t->wait_for('other arms', sub { drawn() eq offline() });
cmp_ok(drawn() =~ tr/b//, '>', 50, 'are drawn as they are');


# --- bad ones -------------------------------------------------------------------------

my $good = drawn();
my $seen = length $t->log;

my @bad = (
    ['half a file', "experiment home\nepoch 4\narm a 0.5\n", 'fewer than 2'],
    ['no epoch', "experiment home\narm a 0.5\narm b 0.5\n", 'no line "epoch'],
    ['another experiment', "experiment x\nepoch 4\narm a 0.5\narm b 0.5\n",
     'experiment "x"\'s'],
    ['other arms', "experiment home\nepoch 4\narm a 0.5\narm c 0.5\n",
     'no arm for variant "b"'],
    ['no floor', "experiment home\nepoch 4\narm a 0\narm b 1\n",
     'line 3: a probability']
);

for my $case (@bad) {
    my ($what, $text, $why) = @$case;

    $t->write('arms', $text);
    $t->wait_for($what, sub { $t->log =~ /\Q$why\E/ });
    is(drawn(), $good, "$what: the old arms stay");
}

is(home()->{bandit}{failed}, JSON::PP::true, 'which is shown');

# A worker that starts now knows what the others know.

$t->kill_worker($_) for $t->workers;
is(drawn(), $good, 'also in workers that never read a good one');

unlink $t->path('arms');
$t->wait_for('no file', sub {
    substr($t->log, $seen) =~ /arms": cannot be found/;
});
is(drawn(), $good, 'nor does a missing file change anything');

configure(workers => 1);
$t->reload;

$seen = length $t->log;
$t->write('arms', "nonsense\n");
$t->wait_for('a bad file', sub { substr($t->log, $seen) =~ /line 1: expected/ });

# Until it has looked at the file often, and taken the next one.

$t->get('/') for 1 .. 20;
arms('5', a => .99, b => .01);
$t->wait_for('a good file', sub { home()->{bandit}{epoch} eq '5' });

is(() = substr($t->log, $seen) =~ /line 1: expected/g, 1, 'is told of once');


# --- the guard -----------------------------------------------------------------------------

# Nobody but who is in a comes.

arms('6', a => .5, b => .5);
$t->wait_for('even arms', sub { home()->{bandit}{epoch} eq '6' });

@users = map { "v$_" } 1 .. 400;
my @drawn = split //, offline();
my @missing = grep { $drawn[$_] eq 'a' } 0 .. $#users;

$t->get("/?u=$users[$_]") for @missing[0 .. 130];
is(home()->{state}, 'guarded', 'a broken split turns a bandit off');

arms('7', a => .4, b => .6);
$t->wait_for('the next epoch', sub { home()->{bandit}{epoch} eq '7' });

is(home()->{state}, 'guarded', 'the next epoch does not turn it on');
is($t->get('/?u=v1')->{body}, '', 'nobody is in it');


# --- what is logged ------------------------------------------------------------------------

$t->stop;

my @events = map { decode_json($_) } split /\n/, join '',
             map { $t->read("events.$_") } 0, 1;
my %propensity;

for my $event (@events) {
    $propensity{$event->{variant}}{$event->{propensity}}++;
}

is_deeply([sort keys %{$propensity{b}}], ['0.5', '0.99'],
          'every exposure tells how likely it was');

$t->done;
